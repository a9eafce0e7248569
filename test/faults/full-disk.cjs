// A disk that is full after so many bytes, for files of one name: NODE_OPTIONS="--require …/full-disk.cjs".
const promises = require("node:fs/promises");

const { FULL_DISK_FILE, FULL_DISK_BYTES } = process.env;
if (FULL_DISK_FILE) {
  let left = Number(FULL_DISK_BYTES);
  const { open } = promises;
  promises.open = async (path, ...rest) => {
    const file = await open(path, ...rest);
    if (!String(path).endsWith(FULL_DISK_FILE)) return file;
    const { appendFile } = file;
    file.appendFile = async (text, ...more) => {
      left -= Buffer.byteLength(text);
      if (left < 0)
        throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
      return appendFile.call(file, text, ...more);
    };
    return file;
  };
}
