// Stands in the bundles where ssh2 looks for its native addon (esbuild.mjs): ssh2 then takes its ChaCha20
// from here, at a tenth of the cost, and keeps everything else of its own.
import { binding, ChaChaPolyCipher, ChaChaPolyDecipher } from "./ciphers.ts";

binding.inUse = true;

export { ChaChaPolyCipher, ChaChaPolyDecipher };
