// An esbuild plugin: ssh2 gets src/coder/ssh/sshcrypto/addon.ts in place of its native addon, believes that
// ChaCha20 can be used also where node:crypto has none (VS Code's Electron), and takes the random bytes of its
// padding from a pool: asked for packet by packet they are 6 % of the cost of a tick.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const addon = fileURLToPath(new URL("../src/coder/ssh/sshcrypto/addon.ts", import.meta.url));
const asksNodeCrypto = "return (name) => ciphers.includes(CIPHER_INFO[name].sslName);";
const asksUsToo =
  "return (name) => ciphers.includes(CIPHER_INFO[name].sslName) || (bindingAvailable && CIPHER_INFO[name].sslName === 'chacha20');";

const asksForEach =
  "createCipheriv, createDecipheriv, createHmac, randomFillSync, timingSafeEqual\n} = require('crypto');";
const asksForMany = `createCipheriv, createDecipheriv, createHmac, randomFillSync: fillRandom, timingSafeEqual
} = require('crypto');
const randomPool = Buffer.alloc(16384);
let randomUsed = randomPool.length;
function randomFillSync(target, at, length) {
  if (length > 255) return fillRandom(target, at, length);
  if (randomUsed + length > randomPool.length) {
    fillRandom(randomPool);
    randomUsed = 0;
  }
  randomPool.copy(target, at, randomUsed, randomUsed + length);
  randomUsed += length;
}`;

/** Changes a line of ssh2's, which has to be there. */
async function changed(file, before, after) {
  const source = await readFile(file, "utf8");
  if (!source.includes(before))
    throw new Error(`${path.basename(file)} of ssh2 has changed: look at scripts/ssh2-ciphers.mjs`);
  return { contents: source.replace(before, after), loader: "js" };
}

export const ssh2Ciphers = {
  name: "ssh2-ciphers",
  setup(build) {
    build.onResolve({ filter: /sshcrypto\.node$/ }, () => ({ path: addon }));
    build.onLoad({ filter: /[\\/]ssh2[\\/]lib[\\/]protocol[\\/]constants\.js$/ }, ({ path: file }) =>
      changed(file, asksNodeCrypto, asksUsToo),
    );
    build.onLoad({ filter: /[\\/]ssh2[\\/]lib[\\/]protocol[\\/]crypto\.js$/ }, ({ path: file }) =>
      changed(file, asksForEach, asksForMany),
    );
  },
};
