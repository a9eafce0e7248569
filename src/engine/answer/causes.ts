import { CoderError, type FailureKind } from "../../coder/errors.ts";
import { JobFailure } from "../../contract/failures.ts";
import type { Cause } from "../../protocol/snapshot.ts";
import { english, type Message, say, sayAll, sayCount, withTexts } from "../../text/message.ts";
import { saidOf } from "../../text/said-error.ts";

/** Groups failures by cause, with an example each. */
export class Causes {
  #byKey = new Map<string, Cause>();
  /** When each of a cause's failures was, in whole seconds since the run began. */
  readonly #seconds = new Map<Cause, number[]>();
  readonly #hide: (text: string) => string;

  /** `hide` takes out what must not be told. */
  constructor(hide: (text: string) => string = (text) => text) {
    this.#hide = hide;
  }

  /** `atMs`: when it failed, in milliseconds since the run began. */
  add(workspace: string, error: unknown, atMs: number): Cause {
    const { id, ...named } = causeOf(error);
    const cause = withTexts(named.cause, this.#hide);
    const key = `${id}\n${english(cause)}`;
    let entry = this.#byKey.get(key);
    if (!entry) {
      const requestId = requestIdOf(error);
      const example = {
        workspace,
        message: withTexts(saidOf(error), this.#hide),
        ...(requestId ? { requestId } : {}),
      };
      entry = { id, cause, count: 0, firstAt: Math.round(atMs), example };
      this.#byKey.set(key, entry);
    }
    entry.count++;
    const seconds = this.#seconds.get(entry) ?? [];
    seconds.push(Math.floor(atMs / 1_000));
    this.#seconds.set(entry, seconds);
    return entry;
  }

  /** Of a cause of this list, when each failure was, in whole seconds since the run began. */
  secondsOf(cause: Cause): readonly number[] {
    return this.#seconds.get(cause) ?? [];
  }

  /** The most frequent first. */
  list(limit = Number.POSITIVE_INFINITY): Cause[] {
    return [...this.#byKey.values()].sort((a, b) => b.count - a.count).slice(0, limit);
  }

  get size(): number {
    return this.#byKey.size;
  }
}

function causeOf(error: unknown): { id: string; cause: Message } {
  if (error instanceof JobFailure) return { id: error.causeId, cause: error.causeText };
  if (error instanceof CoderError) {
    const { failure } = error;
    // The same for every route: it is the way that is at fault.
    if (failure.kind === "upgrade_stripped") return { id: "upgrades_stripped", cause: failure.message };
    const kind = KINDS[failure.kind];
    return {
      id: `api_${failure.kind}`,
      cause:
        "status" in failure
          ? say("{0}: {1} {2}", failure.route, kind, String(failure.status))
          : say("{0}: {1}", failure.route, kind),
    };
  }
  return { id: "internal", cause: saidOf(error) };
}

const KINDS: Readonly<Record<FailureKind, Message>> = {
  unauthorized: say("unauthorized"),
  forbidden: say("forbidden"),
  not_found: say("not found"),
  conflict: say("conflict"),
  rate_limited: say("rate limited"),
  validation: say("validation"),
  server: say("server"),
  upgrade_stripped: say("upgrade stripped"),
  unexpected: say("unexpected"),
  network: say("network"),
  timeout: say("timeout"),
};

function requestIdOf(error: unknown): string | undefined {
  if (error instanceof JobFailure || error instanceof CoderError) return error.requestId;
  return undefined;
}

/** "998 succeeded, 2 failed: 1 agent never connected, 1 build failed: …" */
export function summarize(
  succeeded: number,
  failed: number,
  canceled: number,
  causes: readonly Cause[],
): Message {
  const parts = [say("{0} succeeded", succeeded)];
  if (failed > 0 || canceled === 0) parts.push(say("{0} failed", failed));
  if (canceled > 0) parts.push(say("{0} stopped", canceled));
  const counts = sayAll(parts, ", ");
  if (failed === 0) return counts;
  const listed = causes.slice(0, 5).map(({ count, cause }) => say("{0} {1}", count, cause));
  const omitted = causes.length - listed.length;
  if (omitted > 0) listed.push(sayCount(omitted, { one: "{0} more cause", other: "{0} more causes" }));
  return say("{0}: {1}", counts, sayAll(listed, ", "));
}
