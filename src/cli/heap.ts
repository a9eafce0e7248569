import { setFlagsFromString } from "node:v8";

/**
 * Room for young objects is not made larger than it is at the start. A command line loads, and then waits for what
 * a runner says: what loading left behind would stay for as long.
 */
export function stayLean(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}

/** As V8 has it: for a sandbox in this process, which has as much to do as all who load it. */
export function mayGrow(): void {
  setFlagsFromString("--semi-space-growth-factor=2");
}

/**
 * No function is compiled for speed: who only follows a run has a few lines to draw each second, and the compilers with
 * what they make take four megabytes.
 */
export function staySmall(): void {
  stayLean();
  for (const flag of ["--no-opt", "--no-maglev"]) setFlagsFromString(flag);
}
