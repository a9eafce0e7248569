import { openSource } from "../../insight/open.ts";
import type { Check } from "../../protocol/check.ts";
import type { ServerSource } from "../../protocol/server-source.ts";
import { say } from "../../text/message.ts";

/** What of the cluster is otherwise than Coder advises, a check each. Nothing where it does not answer: that is said before. */
export async function checkAdvice(sources: readonly ServerSource[], signal: AbortSignal): Promise<Check[]> {
  const asked = sources.find((one) => one.kind === "kubernetes");
  const { cluster } = asked ? await openSource(asked) : {};
  if (!cluster) return [];
  try {
    const findings = await cluster.advice(signal);
    const label = say("Kubernetes");
    if (findings.length === 0)
      return [{ id: "kubernetes", label, status: "ok", figure: say("coderd's pods are as Coder advises") }];
    return findings.map(({ id, what, remedy, source: page }) => ({
      id: `kubernetes_${id}`,
      label,
      status: "warning" as const,
      figure: what,
      mend: say("{0} ({1})", remedy, page),
    }));
  } catch {
    signal.throwIfAborted();
    return [];
  } finally {
    await cluster.close().catch(() => undefined);
  }
}
