import { t } from "../../l10n/text.ts";
import type { PlanPicture } from "../../protocol/plan-page.ts";

/** Which time of the plan a place stands for: "5m after the end of create". */
export function timeText({ lanes, ticks, totalMs }: PlanPicture, at: number): string {
  const bases = ticks.filter(({ base }) => base);
  const open = lanes.find(
    ({ name, unknownFrom, until }) =>
      unknownFrom !== undefined &&
      at >= unknownFrom &&
      at < until &&
      bases.some(({ base }) => base?.step === name),
  );
  if (open) return t("while {0} goes on", open.name);
  const last = bases.filter((tick) => tick.at <= at).sort((a, b) => b.at - a.at)[0];
  const time = shortTime((at - (last?.at ?? 0)) * totalMs);
  return last?.base?.step === undefined
    ? t("after {0}", time)
    : t("{0} after the end of {1}", time, last.base.step);
}

/** As exact as a pointer is: `5m`, `1m20s`, `2h05m`. */
function shortTime(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (h > 0) return `${h}h${String(m).padStart(2, "0")}m`;
  return m > 0 ? `${m}m${s > 0 ? `${s}s` : ""}` : `${s}s`;
}
