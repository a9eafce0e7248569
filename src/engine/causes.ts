import { CoderError } from "../coder/errors.ts";
import { JobFailure } from "../contract/failures.ts";
import type { Cause } from "../protocol/snapshot.ts";

/** Groups failures by cause, with an example each. */
export class Causes {
  #byKey = new Map<string, Cause>();
  readonly #hide: (text: string) => string;

  /** `hide` takes out what must not be told. */
  constructor(hide: (text: string) => string = (text) => text) {
    this.#hide = hide;
  }

  add(workspace: string, error: unknown): Cause {
    const { id, ...named } = causeOf(error);
    const cause = this.#hide(named.cause);
    const key = `${id}\n${cause}`;
    let entry = this.#byKey.get(key);
    if (!entry) {
      const requestId = requestIdOf(error);
      const example = {
        workspace,
        message: this.#hide(messageOf(error)),
        ...(requestId ? { requestId } : {}),
      };
      entry = { id, cause, count: 0, example };
      this.#byKey.set(key, entry);
    }
    entry.count++;
    return entry;
  }

  /** The most frequent first. */
  list(limit = Number.POSITIVE_INFINITY): Cause[] {
    return [...this.#byKey.values()].sort((a, b) => b.count - a.count).slice(0, limit);
  }

  get size(): number {
    return this.#byKey.size;
  }
}

function causeOf(error: unknown): { id: string; cause: string } {
  if (error instanceof JobFailure) return { id: error.causeId, cause: error.causeText };
  if (error instanceof CoderError) {
    const { failure } = error;
    // The same for every route: it is the way that is at fault.
    if (failure.kind === "upgrade_stripped") return { id: "upgrades_stripped", cause: failure.message };
    const status = "status" in failure ? ` ${failure.status}` : "";
    return {
      id: `api_${failure.kind}`,
      cause: `${failure.route}: ${failure.kind.replace("_", " ")}${status}`,
    };
  }
  return { id: "internal", cause: messageOf(error) };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

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
): string {
  const parts = [`${succeeded} succeeded`];
  if (failed > 0 || canceled === 0) parts.push(`${failed} failed`);
  if (canceled > 0) parts.push(`${canceled} stopped`);
  const text = parts.join(", ");
  if (failed === 0) return text;
  const listed = causes.slice(0, 5).map((cause) => `${cause.count} ${cause.cause}`);
  const more = causes.length > listed.length ? [`${causes.length - listed.length} more causes`] : [];
  return `${text}: ${[...listed, ...more].join(", ")}`;
}
