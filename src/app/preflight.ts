import { CoderClient } from "../coder/client.ts";
import { CoderError } from "../coder/errors.ts";
import { SignInRefused, signIn } from "../coder/sign-in.ts";
import { Refusal } from "../contract/failures.ts";
import type { CheckedWorkload } from "../contract/workload.ts";
import type { Check } from "../protocol/check.ts";
import type { Target } from "../protocol/target.ts";
import { say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";
import { workloadByName, workloads } from "../workloads/index.ts";
import type { KubeAsked } from "./server-metrics/kubeconfig.ts";
import { checkSources } from "./server-metrics/try.ts";
import type { Environment, NetworkSettings } from "./target/network.ts";

/** Names of the workloads that put a load on a deployment, which can be looked at before. */
export function checkedWorkloads(): string[] {
  return workloads.filter(({ hasPreflight }) => hasPreflight).map(({ name }) => name);
}

/**
 * Everything that can be found out before a run of this workload, without making anything. A deployment that cannot
 * be asked is a check that blocks. Rejects with the signal's reason, or where `config` is none of the workload.
 */
export async function preflight(
  workload: string,
  config: Record<string, unknown>,
  target: Target,
  signal: AbortSignal = new AbortController().signal,
  { asked = [], env = process.env, kube, settings }: ServerMetricsAsked = {},
): Promise<Check[]> {
  const known = workloadByName(workload);
  if (!known?.hasPreflight)
    throw new SaidError(
      say("a run of {0} puts no load on a deployment: there is nothing to check", workload),
    );
  const checked = known.check(config);
  const client = new CoderClient(target);
  try {
    const checks = await lookedAt(checked, client, signal);
    if (isBlocked(checks)) return checks;
    return [
      ...checks,
      ...(await checkSources(asked, { client, env, kube, ...(settings ? { settings } : {}), signal })),
    ];
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof CoderError || error instanceof Refusal)) throw error;
    return [{ id: "checks", label: say("Checks"), status: "blocks", figure: error.said }];
  } finally {
    await client.close().catch(() => undefined);
  }
}

export interface ServerMetricsAsked {
  /** As by --server-metrics. */
  asked?: readonly string[];
  kube?: KubeAsked | undefined;
  env?: Environment;
  /** Of an editor. */
  settings?: NetworkSettings;
}

/** Signing in is the first check; where that is refused, there are no others. */
async function lookedAt(
  checked: CheckedWorkload,
  client: CoderClient,
  signal: AbortSignal,
): Promise<Check[]> {
  const check = { id: "sign_in", label: say("Sign-in") };
  let version = "";
  try {
    const user = await signIn(
      {
        client,
        signal,
        warn: () => undefined,
        deployment: (one) => {
          version = one.version;
        },
      },
      checked.needsOwner,
    );
    const figure =
      checked.needsOwner === undefined
        ? say("{0}; Coder {1}", user.username, version)
        : say("{0}, owner; Coder {1}", user.username, version);
    const signedIn: Check = { ...check, status: "ok", figure };
    return [signedIn, ...(await checked.preflight({ client, user, signal }))];
  } catch (error) {
    if (!(error instanceof SignInRefused)) throw error;
    return [{ ...check, status: "blocks", figure: error.said }];
  }
}

/** Whether a run would be refused. */
export function isBlocked(checks: readonly Check[]): boolean {
  return checks.some(({ status }) => status === "blocks");
}
