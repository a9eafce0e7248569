import { delay } from "../../coder/delay.ts";
import { oneLine, UPGRADES_STRIPPED } from "../../coder/errors.ts";
import {
  type DialTarget,
  saysSignedOut,
  saysUpgradesStripped,
  type WorkspaceDialer,
} from "../../coder/ssh/dialer.ts";
import { SshSession } from "../../coder/ssh/session.ts";
import { JobFailure } from "../../contract/failures.ts";
import type { JobContext } from "../../contract/job.ts";
import type { CreateWorkspacesConfig } from "./config.ts";
import { step } from "./step.ts";

/** An agent that has just become ready may need a moment until the relay knows the way to it. */
const HANDSHAKE_TIMEOUT_MS = 60_000;

/** Connects by SSH, and with `--connect-url` holds the connection while asking for the address through it. */
export async function connectBySsh(
  context: JobContext,
  dialer: WorkspaceDialer,
  config: CreateWorkspacesConfig,
  target: DialTarget,
): Promise<void> {
  const { signal } = context;
  context.doing("waiting for a place to connect by SSH");
  const session = await step(signal, "ssh_failed", "SSH: no connection", () =>
    openAsSession(context, dialer, target),
  ).catch((error: unknown) => {
    if (signal.aborted || error instanceof JobFailure) throw error;
    if (saysUpgradesStripped(error)) throw new JobFailure("upgrades_stripped", UPGRADES_STRIPPED);
    const message = oneLine(error instanceof Error ? error.message : String(error));
    throw new JobFailure("ssh_failed", `SSH: ${message}`);
  });
  try {
    if (config.connectUrl) await hold(context, session, config, config.connectUrl);
  } finally {
    session.close();
  }
}

/** Again where it was the session that has expired. */
async function openAsSession(
  context: JobContext,
  dialer: WorkspaceDialer,
  target: DialTarget,
): Promise<SshSession> {
  const { session } = context.client.transport;
  for (;;) {
    const token = await session.usable(target.token, context.client.subject, context.signal);
    try {
      return await open(context, dialer, { ...target, token });
    } catch (error) {
      if (!(await session.lapsed(token, saysSignedOut(error)))) throw error;
    }
  }
}

async function open(context: JobContext, dialer: WorkspaceDialer, target: DialTarget): Promise<SshSession> {
  const { client } = context;
  let started = client.clock();
  const dialed = await dialer.dial(target, context.signal, () => {
    started = client.clock();
    context.doing("connecting by SSH");
  });
  context.phase("wait_for_ssh", dialed.waitedMs);
  const session = await SshSession.open(dialed, context.signal, HANDSHAKE_TIMEOUT_MS);
  context.phase("ssh", client.clock() - started);
  return session;
}

async function hold(
  context: JobContext,
  session: SshSession,
  config: CreateWorkspacesConfig,
  url: string,
): Promise<void> {
  const until = performance.now() + config.connectHoldMs;
  context.doing("holding the SSH connection");
  const ended = session.ended.then((error) => {
    throw new JobFailure("ssh_dropped", "SSH: connection ended while it was held", {
      message: `SSH: connection ended while it was held${error ? ` (${oneLine(error.message)})` : ""}`,
    });
  });
  ended.catch(() => undefined);
  do {
    await Promise.race([request(context, session, config, url), ended]);
    const pause = Math.min(config.connectIntervalMs, until - performance.now());
    if (pause > 0) await Promise.race([delay(pause, context.signal), ended]);
  } while (performance.now() < until);
}

async function request(
  context: JobContext,
  session: SshSession,
  config: CreateWorkspacesConfig,
  url: string,
): Promise<void> {
  try {
    const status = await session.request(url, config.connectTimeoutMs, context.signal);
    if (status < 200 || status >= 400) throw new Error(`status ${status}`);
  } catch (error) {
    context.signal.throwIfAborted();
    const text = oneLine(error instanceof Error ? error.message : String(error));
    throw new JobFailure("connect_url_failed", `--connect-url: ${text}`);
  }
}
