import type { CoderClient } from "../../coder/client.ts";
import type { DeploymentConfig } from "../../coder/deployment.ts";
import { memberLifetimeMs, type OwnKey, ownKey } from "../../coder/token-life.ts";
import type { Check } from "../../protocol/check.ts";
import { formatDuration } from "../../protocol/duration.ts";
import { type Message, say, sayAll } from "../../text/message.ts";

const HOUR_MS = 3_600_000;
/** A limit beyond this is none: the server's own default is a hundred years. */
const NO_LIMIT_MS = 10 * 365 * 24 * HOUR_MS;

/** How long tokens are needed. */
export interface Needed {
  /** 0 where the run has no time limit. */
  runMs: number;
  /** Whether the run makes tokens for its users, or for the owners of its workspaces. */
  makesTokens: boolean;
}

/** Whether the tokens that the run makes, and the caller's own, live for as long as it may take. */
export async function checkTokens(
  client: CoderClient,
  config: DeploymentConfig | undefined,
  needed: Needed,
  signal: AbortSignal,
): Promise<Check[]> {
  const own = await ownKey(client, { signal, timeoutMs: 20_000 });
  return [
    ...(needed.makesTokens ? [checkLifetime(config, needed)] : []),
    ...(own ? [checkSession(own, config, needed, Date.now())] : []),
  ];
}

export function checkLifetime(config: DeploymentConfig | undefined, { runMs }: Needed): Check {
  const check = { id: "token_lifetime", label: say("Lifetime of tokens") };
  const mostMs = memberLifetimeMs(config);
  if (mostMs === undefined || mostMs > NO_LIMIT_MS)
    return { ...check, status: "ok", figure: say("no limit") };
  const figure = say("at most {0}", formatDuration(mostMs));
  if (runMs > 0 && runMs <= mostMs) return { ...check, status: "ok", figure };
  return {
    ...check,
    status: "warning",
    figure: sayAll([figure, sayLength(runMs)], "; "),
    mend: say("the run renews its users' tokens before they end"),
  };
}

/** A key that lives for more than an hour lives on while it is used, unless the deployment says otherwise. */
export function checkSession(
  { endsAt, lifetimeMs }: OwnKey,
  config: DeploymentConfig | undefined,
  { runMs }: Needed,
  now: number,
): Check {
  const check = { id: "session", label: say("Your session") };
  const leftMs = Math.max(0, endsAt - now);
  const livesOn = lifetimeMs > HOUR_MS && !config?.session_lifetime?.disable_expiry_refresh;
  const figure = say("ends in {0}", formatDuration(leftMs));
  if (livesOn) return { ...check, status: "ok", figure: say("{0}, if it is not used", figure) };
  if (runMs > 0 && runMs <= leftMs) return { ...check, status: "ok", figure };
  return {
    ...check,
    status: "warning",
    figure: sayAll([figure, sayLength(runMs)], "; "),
    mend: say("the run waits for another sign-in then; begin with a token that lives longer"),
  };
}

function sayLength(runMs: number): Message {
  return runMs > 0 ? say("the run may take {0}", formatDuration(runMs)) : say("the run has no time limit");
}
