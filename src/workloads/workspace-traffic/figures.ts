import { DurationHistogram } from "../../metrics/histogram.ts";
import type { SpreadDelta } from "../../metrics/spread.ts";
import type { Ticks, TrafficPart } from "../../protocol/traffic.ts";
import { addTicks, noTicks, type TallyDelta, type TickCounts } from "./shard/tally.ts";

/** Totals of one transport, or of all: what shards hand over, added up. */
export class Figures {
  readonly counts = noTicks();
  readonly roundTrip = new DurationHistogram();
  #waitedMs = 0;
  opened = 0;
  failed = 0;
  dropped = 0;
  reconnected = 0;

  add(delta: TallyDelta): void {
    addTicks(this.counts, delta.counts);
    this.#waitedMs = Math.max(this.#waitedMs, delta.waitedMs);
    addSpread(this.roundTrip, delta.roundTrip);
  }

  /** Over `ms` of measured time, with ticks of `bytes`. */
  part(bytes: number, ms: number): TrafficPart {
    const { counts, opened, failed, dropped, reconnected } = this;
    const perSecond = (ticks: number) => (ms > 0 ? (ticks * bytes * 1_000) / ms : 0);
    return {
      offeredBytesPerSecond: perSecond(counts.due),
      achievedBytesPerSecond: perSecond(counts.carried),
      roundTrip: this.roundTrip.percentilesWith({ never: counts.lost, waitedMs: this.#waitedMs }),
      ticks: ticksOf(counts),
      bytes: { lost: counts.bytesLost, wrong: counts.bytesWrong, extra: counts.bytesExtra },
      connections: { opened, failed, dropped, reconnected },
    };
  }
}

export function ticksOf(counts: TickCounts): Ticks {
  const { due, sent, skipped, blocked, down, echoed, trailing, wrong, lost } = counts;
  return { due, sent, missed: skipped + blocked + down, skipped, echoed, trailing, wrong, lost };
}

export function addSpread(to: DurationHistogram, { us, counts }: SpreadDelta): void {
  for (let at = 0; at < us.length; at++) to.recordMany(us[at] ?? 0, counts[at] ?? 0);
}
