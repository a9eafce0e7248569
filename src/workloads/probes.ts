import type { ProbeKind } from "../load/probe.ts";
import { echoProbe } from "./workspace-traffic/probe/echo-kit.ts";

/** What a place can run: a kind of probe that is not here, no place knows. */
export const probes: readonly ProbeKind[] = [echoProbe];
