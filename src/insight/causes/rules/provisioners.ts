import { say, sayCount } from "../../../text/message.ts";
import { between, earliest, evidence, found, sinceOf } from "../evidence.ts";
import type { Of, Rule, RunView } from "../rule.ts";
import { QUEUE_LINES } from "../symptoms.ts";
import { WITHOUT_JOBS } from "../without.ts";

const WAITING: Of = { metric: "server_jobs", figure: "max", labels: { state: "waiting" } };
const IDLE: Of = { metric: "server_daemons", figure: "min", labels: { state: "idle" } };
const BUSY: Of = { metric: "server_daemons", figure: "max", labels: { state: "busy" } };
const RUNNING: Of = { metric: "server_jobs", figure: "max", labels: { state: "running" } };
const PROVISION: Of = { metric: "provision", figure: "p50" };

/** Each daemon runs one build at a time: where all are busy, the next build waits. */
export const provisioners: Rule = {
  id: "provisioners",
  title: say("All provisioner daemons are busy"),
  felt: ["queue"],
  lines: [WAITING, IDLE, ...QUEUE_LINES],
  remedy: say("run more provisioner daemons: each builds one workspace at a time"),
  source: "https://coder.com/docs/tutorials/best-practices/scale-coder#provisioner-daemons",
  look(view, felt) {
    const [waiting, busy, running] = [WAITING, BUSY, RUNNING].map((of) => view.figure(of));
    const idle = idleMeanwhile(view);
    if (waiting === undefined && busy === undefined) return WITHOUT_JOBS;
    const [queue] = felt;
    const factor = (queue?.evidence.value ?? 0) / Math.max(1, view.figure(PROVISION) ?? 1_000);
    const areIdle = idle !== undefined && idle >= 1;
    return found(
      (0.7 + 0.25 * between(factor, 0.5, 3)) * (areIdle ? 0.5 : 1),
      earliest([queue?.since, sinceOf(view.line(WAITING), (value) => value > 0)]),
      [
        waiting
          ? evidence(
              WAITING,
              waiting,
              sayCount(Math.round(waiting), { one: "{0} job waited", other: "up to {0} jobs waited" }),
            )
          : undefined,
        busy !== undefined && busy >= 1 && !areIdle
          ? evidence(
              BUSY,
              busy,
              sayCount(Math.round(busy), {
                one: "{0} daemon is busy, and none is idle",
                other: "{0} daemons are busy, and none is idle",
              }),
            )
          : running
            ? evidence(
                RUNNING,
                running,
                sayCount(Math.round(running), {
                  one: "no more than {0} job ran at a time",
                  other: "no more than {0} jobs ran at a time",
                }),
              )
            : undefined,
      ],
      [
        areIdle
          ? evidence(
              IDLE,
              idle,
              sayCount(Math.round(idle), {
                one: "{0} daemon is idle while jobs wait: its tags may not be those of the template",
                other: "{0} daemons are idle while jobs wait: their tags may not be those of the template",
              }),
            )
          : undefined,
      ],
    );
  },
};

/** The fewest daemons that were idle between the first and the last look that saw jobs wait: before and after, all are. */
function idleMeanwhile(view: RunView): number | undefined {
  const seconds = view.line(WAITING).flatMap(({ second, value }) => (value > 0 ? [second] : []));
  const [from, until] = [Math.min(...seconds), Math.max(...seconds)];
  const looks = view.line(IDLE).filter(({ second }) => second >= from && second <= until);
  return looks.length > 0 ? Math.min(...looks.map(({ value }) => value)) : undefined;
}
