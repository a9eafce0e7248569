import * as z from "zod";
import type { Batch } from "../measure/seconds.ts";
import { messageSchema } from "../text/schema.ts";

/**
 * What the main thread of a run and its places say to each other: plain JSON, checked by whoever receives it, for a
 * place may be on another machine and of another build. Times are milliseconds of the place's own clock: the main
 * thread translates (see RemotePlace).
 */

const window = z.object({ from: z.number(), until: z.number() });
const id = z.number();

const level = z.object({
  /** Between two ticks of a connection. */
  intervalMs: z.number().positive(),
  /** So many of the run's connections tick, those with the lowest index; the others are held and say nothing. */
  active: z.number().nonnegative(),
});
export type Level = z.infer<typeof level>;

/** The same for all places of a run. */
const loadSetup = z.object({
  /** Of all places together. */
  connections: z.number(),
  intervalMs: z.number().positive(),
  reconnect: z.boolean(),
  /** Time for what was sent last to come back. */
  drainMs: z.number(),
  /** Tick 0 of connection 0 would have been due then. */
  epoch: z.number(),
  /** The run's begin: seconds are counted from it. */
  zero: z.number(),
  /** A tick later than this counts as late. */
  lateMs: z.number(),
  /** For tests: makes this place's timers late. */
  injectLatenessMs: z.number(),
});
export type LoadSetup = z.infer<typeof loadSetup>;

const placeSetup = loadSetup.extend({
  place: z.number(),
  /** Of all together. */
  places: z.number(),
  /** The name of a kind, and what that kind needs: its own schema checks it. */
  probe: z.string(),
  probeSetup: z.unknown(),
});
export type PlaceSetup = z.infer<typeof placeSetup>;

const toPlace = z.discriminatedUnion("type", [
  /** Asks for the place's clock; `now` is the main thread's, and comes back with the answer. */
  z.object({ type: z.literal("clock"), now: z.number() }),
  /** Comes first, but for the clock. */
  z.object({ type: z.literal("setup"), setup: placeSetup }),
  /** The clocks have drifted apart: this is the run's begin by the place's clock now. */
  z.object({ type: z.literal("align"), zero: z.number() }),
  /** `index` is the connection's among all of the run: it decides its turn in the schedule. */
  z.object({ type: z.literal("open"), id, index: z.number(), address: z.unknown() }),
  z.object({ type: z.literal("window"), ids: z.array(id), window }),
  /** The load has another level from now on. What runs already is not connected again. */
  z.object({ type: z.literal("level"), level }),
  /** From `at` on nothing is sent; connections stay open. */
  z.object({ type: z.literal("pause"), at: z.number() }),
  /** Goes on: all that was still to come comes as much later as the pause was long. */
  z.object({ type: z.literal("resume"), pause: window }),
  /** Ends now; its ticks under way are lost, but not a failure. */
  z.object({ type: z.literal("end"), id }),
  /** The session has expired, has another token, or is lost; also the answer to a suspicion. */
  z.object({ type: z.literal("session"), news: z.unknown() }),
  z.object({ type: z.literal("close") }),
]);
export type ToPlace = z.infer<typeof toPlace>;

const openFailure = z.object({
  causeId: z.string(),
  cause: messageSchema,
  said: messageSchema,
  requestId: z.string().optional(),
});
export type OpenFailure = z.infer<typeof openFailure>;

const drop = z.object({
  /** `1006`, `ECONNRESET`. */
  code: z.string(),
  reason: z.string(),
  /** Since it was opened. */
  afterMs: z.number(),
  reconnecting: z.boolean(),
});
export type Drop = z.infer<typeof drop>;

const connectionTotals = z.object({
  bytesRead: z.number(),
  bytesWritten: z.number(),
  /** What its probe has counted in the connection's whole life. */
  ticks: z.record(z.string(), z.number()),
});
export type ConnectionTotals = z.infer<typeof connectionTotals>;

const fromPlace = z.discriminatedUnion("type", [
  /** The answer to `clock`: what the main thread asked with, and the place's own. */
  z.object({ type: z.literal("clock"), asked: z.number(), now: z.number() }),
  z.object({ type: z.literal("opened"), id, ms: z.number() }),
  z.object({ type: z.literal("failed"), id, failure: openFailure }),
  z.object({ type: z.literal("dropped"), id, drop }),
  z.object({ type: z.literal("reconnected"), id, gapMs: z.number() }),
  /** A connection that was opened again shows whether it has found its session again. */
  z.object({ type: z.literal("resumed"), id, isSame: z.boolean() }),
  z.object({ type: z.literal("ended"), id, totals: connectionTotals }),
  /** The deployment has refused the session's token. */
  z.object({ type: z.literal("suspicion"), token: z.string() }),
  /** For people. */
  z.object({ type: z.literal("event"), what: messageSchema }),
]);

/** What a place counted since the last one. */
export interface PlaceSecond {
  type: "second";
  batch: Omit<Batch, "step">;
  /** Where its connections are now. */
  connections: { opening: number; active: number; reconnecting: number };
  /** Triples of connection, bytes read, bytes written, where any were. */
  bytes: readonly number[];
}

export type FromPlace = z.infer<typeof fromPlace> | PlaceSecond;

/** A message that this build does not understand. */
export class MessageError extends Error {
  override readonly name = "MessageError";
}

/** Throws MessageError. */
export function readToPlace(message: unknown): ToPlace {
  const read = toPlace.safeParse(message);
  if (read.success) return read.data;
  throw new MessageError(`a place got a message that it does not understand: ${firstIssue(read.error)}`);
}

/** Throws MessageError. */
export function readFromPlace(message: unknown): FromPlace {
  if (isObject(message) && message.type === "second") {
    if (isSecond(message)) return message;
    throw new MessageError("a place sent a second that has not the shape of one");
  }
  const read = fromPlace.safeParse(message);
  if (read.success) return read.data;
  throw new MessageError(`a place sent a message that is not understood: ${firstIssue(read.error)}`);
}

/** Cheap, for it comes from every place in every second: the shape, not each value. */
function isSecond(message: unknown): message is PlaceSecond {
  if (!isObject(message)) return false;
  const { batch, connections, bytes } = message;
  return (
    isObject(batch) &&
    Number.isInteger(batch.second) &&
    Number.isInteger(batch.part) &&
    typeof batch.place === "string" &&
    isObject(batch.values) &&
    isObject(connections) &&
    [connections.opening, connections.active, connections.reconnecting].every(Number.isInteger) &&
    Array.isArray(bytes) &&
    bytes.length % 3 === 0
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function firstIssue({ issues }: z.ZodError): string {
  const [issue] = issues;
  return `${issue?.path.join(".") || "the message"}: ${issue?.message ?? "wrong"}`;
}
