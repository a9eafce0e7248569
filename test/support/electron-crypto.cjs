// Takes from node:crypto what VS Code's Electron does not have: its BoringSSL knows neither ChaCha20 nor BLAKE2.
// Loaded before everything else, in every process: NODE_OPTIONS="--require …/electron-crypto.cjs".
const crypto = require("node:crypto");
const { syncBuiltinESMExports } = require("node:module");

const missing = (name) => /chacha20|blake2/i.test(String(name));

for (const list of ["getCiphers", "getHashes"]) {
  const real = crypto[list];
  crypto[list] = () => real().filter((name) => !missing(name));
}
for (const make of ["createCipheriv", "createDecipheriv", "createHash", "createHmac", "hash"]) {
  const real = crypto[make];
  crypto[make] = (name, ...rest) => {
    if (missing(name)) throw new Error(`${name} is not supported here`);
    return real(name, ...rest);
  };
}
syncBuiltinESMExports();
