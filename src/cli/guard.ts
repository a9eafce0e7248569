import type { Guard } from "../protocol/guard.ts";
import type { Target } from "../protocol/target.ts";
import { tagOf } from "../runs/deployment-tags.ts";
import { productHome } from "../runs/home.ts";
import { CliError, EXIT } from "./exit.ts";

const LIMITS = {
  workspaces: "CODER_SCALETEST_LIMIT_COUNT",
  connections: "CODER_SCALETEST_LIMIT_CONNECTIONS",
  bytesPerSecond: "CODER_SCALETEST_LIMIT_RATE",
} as const;

/** The guard of a headless run: the deployment's tag, the host that was named, ceilings of the environment. */
export async function guardOf(
  target: Target,
  acknowledgedHost: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Guard> {
  const limits: Guard["limits"] = {};
  for (const [key, name] of Object.entries(LIMITS) as [keyof typeof LIMITS, string][]) {
    const text = env[name];
    if (!text) continue;
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1) {
      throw new CliError(`${name} must be a whole number of 1 or more, not "${text}"`, EXIT.usage);
    }
    limits[key] = value;
  }
  const tag = await tagOf(productHome(env), target.url);
  return { tag, limits, ...(acknowledgedHost === undefined ? {} : { acknowledgedHost }) };
}
