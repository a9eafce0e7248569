import type { KubeAsked } from "../app/server-metrics/kubeconfig.ts";
import { serverMetricsOf } from "../app/server-metrics/resolve.ts";
import { NetworkError } from "../app/target/network.ts";
import { ServerMetricsError } from "../contract/server-words.ts";
import { csvFields } from "../protocol/csv-fields.ts";
import { parseDuration } from "../protocol/duration.ts";
import type { ServerMetrics } from "../protocol/server-source.ts";
import type { Target } from "../protocol/target.ts";
import type { CommonFlags } from "./command.ts";
import { CliError, EXIT } from "./exit.ts";

/** What is asked for by flag, else by the environment. */
export function askedMetrics(
  { serverMetrics }: Pick<CommonFlags, "serverMetrics">,
  env: NodeJS.ProcessEnv = process.env,
): string[] {
  return serverMetrics ?? csvFields(env.CODER_SCALETEST_SERVER_METRICS ?? "");
}

/** The cluster that is asked for. Throws CliError (usage) where a flag of it stands alone. */
export function askedKube(flags: CommonFlags): KubeAsked | undefined {
  const { kubeconfig: file, kubeContext: context, kubeNamespace: namespace, allowExec } = flags;
  if (file !== undefined) return { file, context, namespace, allowExec };
  if (context === undefined && namespace === undefined && allowExec === undefined) return undefined;
  throw new CliError("--kube-context, --kube-namespace and --allow-exec need --kubeconfig FILE", EXIT.usage);
}

/** Where a run reads the deployment's own figures; undefined where nobody asks for them. Throws CliError (usage). */
export async function runMetrics(
  flags: CommonFlags,
  target: Target,
  byFile: readonly string[] = [],
): Promise<ServerMetrics | undefined> {
  const aroundMs = aroundOf(flags);
  return orUsage(() =>
    serverMetricsOf({
      asked: askedMetrics(flags),
      byFile,
      aroundMs,
      kube: askedKube(flags),
      target,
      env: process.env,
    }),
  );
}

/** What cannot be used is a mistake in how the command was called. */
export async function orUsage<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ServerMetricsError || error instanceof NetworkError)
      throw new CliError(error.message, EXIT.usage);
    throw error;
  }
}

function aroundOf({ serverMetricsAround: text }: CommonFlags): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms !== undefined && ms <= 600_000) return ms;
  throw new CliError("--server-metrics-around must be a time of at most 10m, such as 30s", EXIT.usage);
}
