import { openSource } from "../../insight/open.ts";
import type { Check } from "../../protocol/check.ts";
import type { ServerSource } from "../../protocol/server-source.ts";
import { type Message, say, sayAll } from "../../text/message.ts";
import { saidOf } from "../../text/said-error.ts";
import type { Found } from "./found.ts";

const FLAG = "--server-metrics";

/**
 * Which of the deployment's own figures a run could read, each source tried. `isAsked`: somebody wants them, and what
 * does not answer is a warning. Nothing of it blocks a run.
 */
export async function checkServerMetrics(
  sources: readonly ServerSource[],
  found: Found,
  isAsked: boolean,
  signal: AbortSignal,
): Promise<Check> {
  const check = { id: "server_metrics", label: say("Server metrics") };
  if (sources.length === 0) return { ...check, ...saidOfNone(found, isAsked) };
  const tried = await Promise.all(sources.map((source) => tryOne(source, signal)));
  const figure = sayAll(
    tried.map(({ said }) => said),
    "; ",
  );
  const missing = tried.flatMap((one) => one.missing);
  if (tried.some(({ answers }) => !answers))
    return {
      ...check,
      status: isAsked ? "warning" : "ok",
      figure,
      mend: say("a run goes on without them, and reads the deployment's API: {0} api", FLAG),
    };
  const mend = isAsked ? [] : [say("{0} auto puts them beside the run's own figures", FLAG)];
  const more = [...mend, ...missing];
  return { ...check, status: "ok", figure, ...(more.length > 0 ? { mend: sayAll(more, "; ") } : {}) };
}

function saidOfNone(found: Found, isAsked: boolean): Pick<Check, "status" | "figure" | "mend"> {
  const status = isAsked ? "warning" : "ok";
  switch (found.kind) {
    case "off":
      return {
        status,
        figure: say("no page: Prometheus is off at the deployment"),
        mend: say("CODER_PROMETHEUS_ENABLE=true on the server turns it on; {0} api reads its API", FLAG),
      };
    case "hidden":
      return {
        status,
        figure: say(
          "a page at {0} of the deployment's own machine, which is not reached from here",
          found.address,
        ),
        mend: say("make it reachable, and pass {0} with its address; {0} api reads the API", FLAG),
      };
    default:
      return {
        status,
        figure: say("no page is known"),
        mend: say("pass {0} with the address of coderd's metrics; {0} api reads the API", FLAG),
      };
  }
}

interface Tried {
  answers: boolean;
  said: Message;
  missing: Message[];
}

async function tryOne(one: ServerSource, signal: AbortSignal): Promise<Tried> {
  const { source } = await openSource(one);
  try {
    const { bytes } = await source.look(signal);
    const missing = source.missing();
    const found = source.found?.() ?? say("{0} KB", Math.ceil(bytes / 1_000));
    return { answers: true, said: say("{0} answers, {1}", source.name, found), missing };
  } catch (error) {
    signal.throwIfAborted();
    return { answers: false, said: say("{0}: {1}", source.name, saidOf(error)), missing: [] };
  } finally {
    await source.close().catch(() => undefined);
  }
}
