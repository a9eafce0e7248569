import { diffieHellman, generateKeyPairSync } from "node:crypto";
import type { Algorithms, KexAlgorithm } from "ssh2";
import { binding } from "./sshcrypto/ciphers.ts";

const CHACHA = "chacha20-poly1305@openssh.com";
const CURVE25519: KexAlgorithm[] = ["curve25519-sha256", "curve25519-sha256@libssh.org"];
let known: Algorithms | undefined;

/**
 * What to offer an agent, which takes nearly everything (docs/tailnet.md, SSH): ChaCha20 first where it is
 * libsodium's, a fifth of the cost of the rest; no Curve25519 key exchange where this runtime's crypto only
 * pretends to have it.
 */
export function sshAlgorithms(): Algorithms {
  if (known) return known;
  const algorithms: Algorithms = {};
  // Removed first: what is in the list already is not moved.
  if (binding.inUse) algorithms.cipher = { remove: CHACHA, prepend: CHACHA, append: [] };
  if (!hasX25519()) algorithms.kex = { remove: CURVE25519, prepend: [], append: [] };
  known = algorithms;
  return algorithms;
}

function hasX25519(): boolean {
  try {
    const ours = generateKeyPairSync("x25519");
    const theirs = generateKeyPairSync("x25519");
    return diffieHellman({ privateKey: ours.privateKey, publicKey: theirs.publicKey }).length === 32;
  } catch {
    return false;
  }
}
