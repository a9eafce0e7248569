import type { Sandbox, SandboxOptions } from "../sandbox/server.ts";
import { mayGrow } from "./heap.ts";

/** A sandbox in this process, which loads it only now. */
export async function ownSandbox(options?: SandboxOptions): Promise<Sandbox> {
  mayGrow();
  const { startSandbox } = await import("../sandbox/server.ts");
  return startSandbox(options);
}
