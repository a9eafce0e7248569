import type { Guard } from "../protocol/guard.ts";
import { tagOf } from "../runs/deployment-tags.ts";
import { say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";

export type Limits = Guard["limits"];

/** A ceiling of the environment is no number; one line that names the variable. */
export class LimitError extends SaidError {
  override readonly name = "LimitError";
}

const VARIABLES = {
  workspaces: "CODER_SCALETEST_LIMIT_COUNT",
  connections: "CODER_SCALETEST_LIMIT_CONNECTIONS",
  bytesPerSecond: "CODER_SCALETEST_LIMIT_RATE",
} as const satisfies Record<keyof Limits, string>;
const KEYS = ["workspaces", "connections", "bytesPerSecond"] as const;

/** Of what puts no load on a deployment: clean-up, which is confirmed by itself. */
export const NO_LOAD: Guard = { tag: "production", limits: {} };

/** Ceilings of the environment, for runs of editor and command line alike. Throws LimitError. */
export function limitsOf(env: Readonly<Record<string, string | undefined>>): Limits {
  const limits: Limits = {};
  for (const key of KEYS) {
    const text = env[VARIABLES[key]];
    if (!text) continue;
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1)
      throw new LimitError(say('{0} must be a whole number of 1 or more, not "{1}"', VARIABLES[key], text));
    limits[key] = value;
  }
  return limits;
}

/** The lower ceiling of each kind. */
export function stricter(one: Limits, other: Limits): Limits {
  const limits: Limits = {};
  for (const key of KEYS) {
    const known = [one[key], other[key]].filter((limit) => limit !== undefined);
    if (known.length > 0) limits[key] = Math.min(...known);
  }
  return limits;
}

/** What keeps a load from hitting the wrong deployment, or from being larger than anybody meant. */
export async function guardFor(options: {
  /** The product's folder, which has the tags. */
  home: string;
  url: string;
  /** The host as a person has typed it. */
  acknowledgedHost: string | undefined;
  limits: Limits;
}): Promise<Guard> {
  const { home, url, acknowledgedHost, limits } = options;
  const tag = await tagOf(home, url);
  return { tag, limits, ...(acknowledgedHost ? { acknowledgedHost } : {}) };
}
