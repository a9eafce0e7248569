import type { Evidence } from "../../protocol/bottlenecks.ts";
import { say, sayCount } from "../../text/message.ts";
import { evidence, type Reason, shareOf, sinceOf, written } from "./evidence.ts";
import type { Of, RunView } from "./rule.ts";

type Role = "coderd" | "database";

const ofRole = (metric: string, role: Role): Of => ({ metric, figure: "max", labels: { role } });
const cpu = (role: Role) => ofRole("server_pod_cpu_share", role);
const memory = (role: Role) => ofRole("server_pod_memory_share", role);
const OOM = ofRole("server_pod_oom", "coderd");
export const POD_MEMORY = ofRole("server_pod_memory", "coderd");
/** What rules need of pods second by second. */
export const POD_LINES: readonly Of[] = [cpu("coderd"), cpu("database"), memory("coderd"), OOM, POD_MEMORY];

/** Kubernetes measures over a quarter of a minute: a container that is held back for most of it comes near to its limit. */
const FULL_CPU = 0.95;
const FULL_MEMORY = 0.9;
const LEAST_SHARE = 0.25;
const NAMES = { coderd: say("coderd"), database: say("PostgreSQL") };

/** Kubernetes is looked at, and its containers have a limit. */
export function knowsLimits(view: RunView): boolean {
  return view.figure(cpu("coderd")) !== undefined;
}

/** The fullest container takes all CPU that its limit lets it have: the kernel holds it back. */
export function podAtCpuLimit(view: RunView, role: Role): Reason | undefined {
  const line = view.line(cpu(role));
  const isFull = (value: number) => value >= FULL_CPU;
  const [most, share] = [view.figure(cpu(role)), shareOf(line, isFull)];
  if (most === undefined || share < LEAST_SHARE) return undefined;
  return {
    strength: 0.65 + 0.3 * share,
    since: sinceOf(line, isFull),
    said: evidence(
      cpu(role),
      most,
      say("a container of {0} takes {1} of the CPU of its limit", NAMES[role], written(most, "share")),
    ),
  };
}

/** How full coderd's fullest container was of its memory; undefined where it was far from its limit, or nobody knows. */
export function podAtMemoryLimit(view: RunView): Evidence | undefined {
  const most = view.figure(memory("coderd"));
  if (most === undefined || most < FULL_MEMORY) return undefined;
  return evidence(
    memory("coderd"),
    most,
    say("a container of coderd takes {0} of the memory of its limit", written(most, "share")),
  );
}

/** Containers of coderd that were killed for want of memory since before the load. */
export function killedForMemory(view: RunView): { said: Evidence; since: number | undefined } | undefined {
  const line = view.line(OOM);
  const before = view.figure(OOM, "baseline") ?? line[0]?.value ?? 0;
  const killed = (view.figure(OOM) ?? 0) - before;
  if (killed < 1) return undefined;
  return {
    said: evidence(
      OOM,
      killed,
      sayCount(killed, {
        one: "coderd was killed {0} time for want of memory (OOMKilled)",
        other: "coderd was killed {0} times for want of memory (OOMKilled)",
      }),
    ),
    since: sinceOf(line, (value) => value > before),
  };
}
