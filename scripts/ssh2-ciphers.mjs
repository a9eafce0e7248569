// An esbuild plugin: ssh2 gets src/coder/ssh/sshcrypto/addon.ts in place of its native addon, and believes
// that ChaCha20 can be used also where node:crypto has none (VS Code's Electron).
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const addon = fileURLToPath(new URL("../src/coder/ssh/sshcrypto/addon.ts", import.meta.url));
const asksNodeCrypto = "return (name) => ciphers.includes(CIPHER_INFO[name].sslName);";
const asksUsToo =
  "return (name) => ciphers.includes(CIPHER_INFO[name].sslName) || (bindingAvailable && CIPHER_INFO[name].sslName === 'chacha20');";

export const ssh2Ciphers = {
  name: "ssh2-ciphers",
  setup(build) {
    build.onResolve({ filter: /sshcrypto\.node$/ }, () => ({ path: addon }));
    build.onLoad({ filter: /[\\/]ssh2[\\/]lib[\\/]protocol[\\/]constants\.js$/ }, async (args) => {
      const source = await readFile(args.path, "utf8");
      if (!source.includes(asksNodeCrypto)) {
        throw new Error(`${path.basename(args.path)} of ssh2 has changed: look at scripts/ssh2-ciphers.mjs`);
      }
      return { contents: source.replace(asksNodeCrypto, asksUsToo), loader: "js" };
    });
  },
};
