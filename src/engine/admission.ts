import type { Demand } from "../contract/demand.ts";
import { Refusal } from "../contract/failures.ts";
import type { Guard } from "../protocol/guard.ts";
import { say, words } from "../text/message.ts";

/** What a run asks of a deployment, and the refusal where that is too much. */
const KINDS = {
  workspaces: words("{0} workspaces are above the limit of {1} that is set here"),
  connections: words("{0} connections are above the limit of {1} that is set here"),
  bytesPerSecond: words("{0} bytes a second are above the limit of {1} that is set here"),
} as const;
type Kind = keyof typeof KINDS;
const ALL_KINDS = Object.keys(KINDS) as Kind[];

/**
 * Refuses a load on a deployment that is not marked as staging, unless its host was typed. The sandbox, which
 * names itself by a header, needs neither; loopback alone does, since it may be a port-forward.
 */
export function refuseProduction(guard: Guard, url: string, sandbox: boolean): void {
  if (sandbox || guard.tag === "staging") return;
  const { host, origin } = new URL(url);
  if (guard.acknowledgedHost === host) return;
  const mark = `coder-scaletest deployments mark ${origin} staging`;
  throw new Refusal(
    guard.acknowledgedHost === undefined
      ? say("{0} is not marked as staging: pass --i-know-this-is {0}, or mark it with: {1}", host, mark)
      : say(
          '{0} is not marked as staging ("{2}" is another): pass --i-know-this-is {0}, or mark it with: {1}',
          host,
          mark,
          guard.acknowledgedHost,
        ),
  );
}

/** Refuses programs on the user's own machine, unless the person who started the run allowed them. */
export function refusePrograms(programs: readonly string[], allowed: boolean): void {
  if (programs.length === 0 || allowed) return;
  const named = programs.join("; ");
  throw new Refusal(
    programs.length === 1
      ? say("this scenario runs a program on this machine ({0}); allow it with --allow-run", named)
      : say(
          "this scenario runs {0} programs on this machine ({1}); allow them with --allow-run",
          programs.length,
          named,
        ),
  );
}

/** Refuses what is above a ceiling that somebody has set. */
export function refuseAboveLimits({ limits }: Guard, demand: Demand): void {
  for (const kind of ALL_KINDS) {
    const [wanted, ceiling] = [demand[kind], limits[kind]];
    if (wanted !== undefined && ceiling !== undefined && wanted > ceiling) {
      throw new Refusal({ id: KINDS[kind], args: [wanted, ceiling] });
    }
  }
}

/** Holds what all steps of a run ask of a deployment together against its guard and its ceilings. */
export class Admission {
  readonly #guard: Guard;
  readonly #demands = new Map<string, Demand>();

  constructor(guard: Guard) {
    this.#guard = guard;
  }

  /**
   * Before anything is made, by what configurations say: `demands` of all steps. Workspaces stay until the end of the
   * run and add up; of the rest each must keep to the ceilings by itself. Throws Refusal.
   */
  foresee(demands: readonly Demand[], url: string, sandbox: boolean): void {
    if (demands.length === 0) return;
    refuseProduction(this.#guard, url, sandbox);
    for (const demand of demands) refuseAboveLimits(this.#guard, demand);
    refuseAboveLimits(this.#guard, { workspaces: sumOf(demands, "workspaces") });
  }

  /** What a step asks from now on, instead of what it asked before. Throws Refusal, and leaves it as it was then. */
  claim(step: string, demand: Demand): void {
    const others = [...this.#demands].filter(([name]) => name !== step).map(([, one]) => one);
    const together: Demand = {};
    for (const kind of ALL_KINDS) together[kind] = sumOf([...others, demand], kind);
    refuseAboveLimits(this.#guard, together);
    this.#demands.set(step, demand);
  }

  /** A step is over: its connections are closed, and what it has made is still there. */
  release(step: string): void {
    const { workspaces } = this.#demands.get(step) ?? {};
    if (workspaces === undefined) this.#demands.delete(step);
    else this.#demands.set(step, { workspaces });
  }
}

function sumOf(demands: readonly Demand[], kind: Kind): number {
  return demands.reduce((sum, demand) => sum + (demand[kind] ?? 0), 0);
}
