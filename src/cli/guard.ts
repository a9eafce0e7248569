import { guardFor, LimitError, limitsOf } from "../app/guard.ts";
import type { Guard } from "../protocol/guard.ts";
import type { Target } from "../protocol/target.ts";
import { productHome } from "../runs/home.ts";
import { CliError, EXIT } from "./exit.ts";

/** The guard of a headless run: the deployment's tag, the host that was named, ceilings of the environment. */
export function guardOf(
  { url }: Target,
  acknowledgedHost: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Guard> {
  try {
    return guardFor({ home: productHome(env), url, acknowledgedHost, limits: limitsOf(env) });
  } catch (error) {
    if (error instanceof LimitError) throw new CliError(error.message, EXIT.usage);
    throw error;
  }
}
