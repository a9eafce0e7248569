import type { Step } from "../../protocol/snapshot.ts";
import type { Span } from "../time/time-axis.ts";

/** A part of a step's time, in shares of what is shown. */
export interface Bar {
  /** Before it measures (preparation, ramp, warm-up), and while it does. */
  part: "before" | "measured";
  from: number;
  until: number;
}

/** What a lane shows of a step. `end`: where the run has come to; times are seconds. */
export function barsOf(
  { begunAt, holdAt, endedAt }: Pick<Step, "begunAt" | "holdAt" | "endedAt">,
  end: number,
  span: Span,
): Bar[] {
  if (begunAt === undefined) return [];
  const [from, until] = [begunAt / 1_000, endedAt === undefined ? end : endedAt / 1_000];
  const hold = holdAt === undefined ? until : holdAt / 1_000;
  return [barOf("before", from, hold, span), barOf("measured", hold, until, span)].filter(
    (bar) => bar.until > bar.from,
  );
}

function barOf(part: Bar["part"], from: number, until: number, { min, max }: Span): Bar {
  const share = (second: number) => Math.min(1, Math.max(0, (second - min) / (max - min)));
  return { part, from: share(from), until: share(until) };
}
