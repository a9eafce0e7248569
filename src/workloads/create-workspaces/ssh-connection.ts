import pLimit from "p-limit";
import { delay } from "../../coder/delay.ts";
import { inOneLine, UPGRADES_STRIPPED } from "../../coder/errors.ts";
import {
  type DialTarget,
  saysSignedOut,
  saysUpgradesStripped,
  type WorkspaceDialer,
} from "../../coder/ssh/dialer.ts";
import { SshSession } from "../../coder/ssh/session.ts";
import { JobFailure } from "../../contract/failures.ts";
import type { JobContext } from "../../contract/job.ts";
import { say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";
import { step } from "../job-step.ts";
import type { CreateWorkspacesConfig } from "./config.ts";

/** An agent that has just become ready may need a moment until the relay knows the way to it. */
const HANDSHAKE_TIMEOUT_MS = 60_000;

/**
 * Handshakes at the same time. Each takes milliseconds of this process' one core: of a thousand at once, every one would
 * seem to take as long as all of them, and that would be our time, not the deployment's.
 */
const HANDSHAKES_AT_ONCE = 32;

/** What all jobs of a run share: how they connect, and whose turn it is. */
export class SshWays {
  readonly dialer: WorkspaceDialer;
  readonly #turns = pLimit(HANDSHAKES_AT_ONCE);

  constructor(dialer: WorkspaceDialer) {
    this.dialer = dialer;
  }

  /** Handshakes that wait for their turn. */
  get waiting(): number {
    return this.#turns.pendingCount;
  }

  inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns(work);
  }
}

/** Connects by SSH, and with `--connect-url` holds the connection while asking for the address through it. */
export async function connectBySsh(
  context: JobContext,
  ways: SshWays,
  config: CreateWorkspacesConfig,
  target: DialTarget,
): Promise<void> {
  const { signal } = context;
  context.doing(say("waiting for a place to connect by SSH"));
  const session = await step(signal, "ssh_failed", say("SSH: no connection"), () =>
    openAsSession(context, ways, target),
  ).catch((error: unknown) => {
    if (signal.aborted || error instanceof JobFailure) throw error;
    if (saysUpgradesStripped(error)) throw new JobFailure("upgrades_stripped", UPGRADES_STRIPPED);
    throw new JobFailure("ssh_failed", say("SSH: {0}", inOneLine(error)));
  });
  try {
    if (config.connectUrl) await hold(context, session, config, config.connectUrl);
  } finally {
    session.close();
  }
}

/** Again where it was the session that has expired. */
async function openAsSession(context: JobContext, ways: SshWays, target: DialTarget): Promise<SshSession> {
  const { session } = context.client.transport;
  for (;;) {
    const token = await session.usable(target.token, context.client.subject, context.signal);
    try {
      return await open(context, ways, { ...target, token });
    } catch (error) {
      if (!(await session.lapsed(token, saysSignedOut(error)))) throw error;
    }
  }
}

/** Our own waiting is a phase of its own, and no part of the handshake. */
async function open(context: JobContext, ways: SshWays, target: DialTarget): Promise<SshSession> {
  const { client, signal } = context;
  const asked = client.clock();
  return ways.inTurn(async () => {
    signal.throwIfAborted();
    const turn = client.clock();
    let started = turn;
    const dialed = await ways.dialer.dial(target, signal, () => {
      started = client.clock();
      context.doing(say("connecting by SSH"));
    });
    context.phase("wait_for_ssh", turn - asked + dialed.waitedMs);
    const session = await SshSession.open(dialed, signal, HANDSHAKE_TIMEOUT_MS);
    context.phase("ssh", client.clock() - started);
    return session;
  });
}

async function hold(
  context: JobContext,
  session: SshSession,
  config: CreateWorkspacesConfig,
  url: string,
): Promise<void> {
  const until = performance.now() + config.connectHoldMs;
  context.doing(say("holding the SSH connection"));
  const ended = session.ended.then((error) => {
    const cause = say("SSH: connection ended while it was held");
    throw new JobFailure("ssh_dropped", cause, {
      said: error ? say("{0} ({1})", cause, inOneLine(error)) : cause,
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
    if (status < 200 || status >= 400) throw new SaidError(say("status {0}", String(status)));
  } catch (error) {
    context.signal.throwIfAborted();
    throw new JobFailure("connect_url_failed", say("--connect-url: {0}", inOneLine(error)));
  }
}
