import type * as z from "zod";
import type { Value } from "../measure/values.ts";
import type { Message } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";
import type { Tallies } from "./tally.ts";
import type { Window } from "./window.ts";

/** What became of a tick: `blocked` where too much waits to be taken by the system, `down` where there is no link. */
export type TickOutcome = "sent" | "blocked" | "down";

/** How a link ended. */
export interface LinkEnd {
  /** `1006`, `ECONNRESET`. */
  code: string;
  reason: string;
}

/** What a probe calls; its connection takes it. */
export interface ProbeEvents {
  /** Something came back. */
  cameBack(): void;
  /** The link is gone. Once for each that was open. */
  ended(end: LinkEnd): void;
  /** After a drop: the session that the link had before was found again, or another one stands in its place. */
  resumed(isSame: boolean): void;
}

/** Connections that are counted together: those over one transport, say. */
export interface Group {
  readonly tallies: Tallies;
  /** Takes `n` ticks back that were counted as due and sent: the second in which they come back does not count. */
  leaveOut(to: Record<string, Value>, n: number): void;
}

/**
 * What one connection does: an echo, a page walk, a stream. The connection owns its schedule and its life, the probe
 * its link and what comes back. `tick` is the hot path: it must not allocate more than its link needs.
 */
export interface Probe {
  readonly group: Group;
  /** Bytes of payload so far. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Bytes that the system has not taken yet. */
  readonly backlog: number;
  /** Ticks that are sent and not back. */
  readonly outstanding: number;
  /** Milliseconds of waiting, so far, for what is not the deployment's doing: a sign-in. */
  readonly stoodMs: number;
  /** Counts of the connection's whole life. */
  readonly totals: Readonly<Record<string, number>>;
  /** Of the outstanding ticks, those of the measured part that were due from `since` on. */
  outstandingSince(since: number): number;
  /** Opens the link; `again` after a drop. Rejects with OpenError, or with the signal's reason. */
  open(again: boolean, signal: AbortSignal): Promise<void>;
  /** Sends the tick that is due at `due`. */
  tick(due: number): TickOutcome;
  /** The link is gone; `again`: it is opened once more. What cannot come back any more is lost, at `now`. */
  dropped(again: boolean, now: number): void;
  /** Nothing more is waited for: what is outstanding is lost, at `now`. */
  finish(now: number): void;
  /** Takes nothing more, and asks the other side for the end; `ended` follows. */
  end(): void;
  /** Takes nothing more, and closes at once whatever is open. */
  destroy(): void;
}

/** A link could not be opened: the cause, for counting, and what was said. */
export class OpenError extends SaidError {
  override readonly name: string = "OpenError";
  readonly causeId: string;
  readonly causeText: Message;
  readonly requestId: string | undefined;
  /** Worth another try: the server asks to come later, or is not there yet. */
  readonly again: boolean;

  constructor(
    causeId: string,
    causeText: Message,
    detail: { said?: Message; requestId?: string | undefined; again?: boolean } = {},
  ) {
    super(detail.said ?? causeText);
    this.causeId = causeId;
    this.causeText = causeText;
    this.requestId = detail.requestId;
    this.again = detail.again ?? false;
  }
}

/** What a kit needs of its place. */
export interface KitHost {
  /** The time. A second that is over is closed first: what comes now counts in the next. */
  now(): number;
  /** The deployment has refused this token; the answer comes as news of the session. */
  suspect(token: string): void;
  /** For people. */
  event(what: Message): void;
}

/** One more connection. */
export interface ProbePlan<A> {
  id: number;
  /** Its number among all of the run. */
  index: number;
  address: A;
  /** Its measured part, which changes. */
  window: Readonly<Window>;
  events: ProbeEvents;
}

/** What the probes of one place share. `A` is where a connection goes, `N` news of the session. */
export interface ProbeKit<A = unknown, N = unknown> {
  /** All that there are so far: more may come with each probe. */
  readonly groups: readonly Group[];
  probe(plan: ProbePlan<A>): Probe;
  session(news: N): void;
  close(): void;
}

export interface ProbeDefinition<S extends z.ZodType, A extends z.ZodType, N extends z.ZodType> {
  name: string;
  setup: S;
  address: A;
  session: N;
  start(setup: z.output<S>, host: KitHost): ProbeKit<z.output<A>, z.output<N>>;
}

/** A kind of probe as a place sees it. `start`, and its kit, check what they are given: they throw a ZodError. */
export interface ProbeKind {
  readonly name: string;
  start(setup: unknown, host: KitHost): ProbeKit;
}

/** Closes over the types of what a probe is told: each is checked once, where it arrives. */
export function defineProbe<S extends z.ZodType, A extends z.ZodType, N extends z.ZodType>(
  definition: ProbeDefinition<S, A, N>,
): ProbeKind {
  return {
    name: definition.name,
    start(setup, host) {
      const kit = definition.start(definition.setup.parse(setup), host);
      return {
        groups: kit.groups,
        probe: ({ address, ...plan }) => kit.probe({ ...plan, address: definition.address.parse(address) }),
        session: (news) => kit.session(definition.session.parse(news)),
        close: () => kit.close(),
      };
    },
  };
}
