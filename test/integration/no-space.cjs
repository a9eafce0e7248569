// No space for new files of one name: NODE_OPTIONS="--require …/no-space.cjs" NO_SPACE_FOR=run.json.
const fs = require("node:fs");
const promises = require("node:fs/promises");

const name = process.env.NO_SPACE_FOR;
const isIt = (file) => String(file).includes(name);
const full = () =>
  Object.assign(new Error("ENOSPC: no space left on device, open"), { code: "ENOSPC", errno: -28 });

const { open } = fs;
fs.open = (file, ...rest) => (isIt(file) ? rest.at(-1)(full()) : open(file, ...rest));
const openFile = promises.open;
promises.open = async (file, ...rest) => {
  if (isIt(file)) throw full();
  return openFile(file, ...rest);
};
