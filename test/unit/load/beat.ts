import * as z from "zod";
import { defineProbe, type Group, OpenError, type Probe, type ProbePlan } from "../../../src/load/probe.ts";
import { type Counts, noSchedule, type ScheduleCounts, Tallies } from "../../../src/load/tally.ts";
import { now } from "../../../src/measure/clock.ts";
import { counted, type Value } from "../../../src/measure/values.ts";
import { say } from "../../../src/text/message.ts";

const address = z.object({ to: z.string() });
type Address = z.infer<typeof address>;

class BeatCounts implements Counts {
  schedule: ScheduleCounts = noSchedule();
  readonly typicalMs = undefined;

  get isEmpty(): boolean {
    return this.schedule.due === 0;
  }

  take(to: Record<string, Value>): void {
    const { due, sent } = this.schedule;
    this.schedule = noSchedule();
    to.due = counted(due);
    to.sent = counted(sent);
  }
}

class BeatGroup implements Group {
  readonly tallies = new Tallies(() => new BeatCounts());

  leaveOut(to: Record<string, Value>, n: number): void {
    to.left_out = counted(n);
  }
}

/** A beat: when it was due, and when it was sent. */
export interface Beat {
  index: number;
  due: number;
  at: number;
}

/** A kind of probe that needs no deployment: each tick is a beat, and nothing comes back. */
export function beats() {
  const sent: Beat[] = [];
  const opened: number[] = [];
  const heard: unknown[] = [];

  class BeatProbe implements Probe {
    readonly group: Group;
    bytesRead = 0;
    bytesWritten = 0;
    readonly backlog = 0;
    readonly outstanding = 0;
    readonly stoodMs = 0;
    readonly totals = { sent: 0 };
    readonly #plan: ProbePlan<Address>;

    constructor(plan: ProbePlan<Address>, group: Group) {
      this.#plan = plan;
      this.group = group;
    }

    outstandingSince(): number {
      return 0;
    }

    open(): Promise<void> {
      if (this.#plan.address.to === "nowhere")
        return Promise.reject(new OpenError("no_way", say("there is no way"), { said: say("no way there") }));
      opened.push(this.#plan.index);
      return Promise.resolve();
    }

    tick(due: number): "sent" {
      sent.push({ index: this.#plan.index, due, at: now() });
      this.totals.sent++;
      this.bytesWritten += 10;
      return "sent";
    }

    dropped(): void {}
    finish(): void {}
    end(): void {
      setTimeout(() => this.#plan.events.ended({ code: "1000", reason: "" }), 1);
    }
    destroy(): void {}
  }

  const kind = defineProbe({
    name: "beat",
    setup: z.object({ loud: z.boolean() }),
    address,
    session: z.object({ token: z.string() }),
    start() {
      const group = new BeatGroup();
      return {
        groups: [group],
        probe: (plan) => new BeatProbe(plan, group),
        session: (news) => heard.push(news),
        close: () => undefined,
      };
    },
  });
  return { kind, sent, opened, heard };
}
