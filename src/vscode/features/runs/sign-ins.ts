import { isSameOrigin } from "../../../coder/origin.ts";
import { english } from "../../../text/message.ts";
import { type Log, messageOf } from "../../host.ts";
import type { KnownDeployment } from "../../model/deployments/store.ts";
import type { RunList } from "../../model/runs/run-list.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";
import type { Signal, Unsubscribe } from "../../signal.ts";

/** What is used of the store of deployments. */
export interface Tokens {
  /** Somebody has signed in, for the first time or anew. */
  readonly signedIn: Signal<KnownDeployment>;
  token(url: string): Promise<string | undefined>;
}

export interface SignInNotices {
  /** A run waits for a sign-in, and the editor has no token that is good for it. */
  waits(run: WatchedRun): void;
  goesOn(run: WatchedRun): void;
  /** The run still waits: what was signed in with is not good for it. */
  refused(run: WatchedRun, reason: string): void;
}

/**
 * Hands the tokens of sign-ins to the runs of their deployments: whenever somebody signs in, without being asked,
 * and when a run's session has expired. Returns what ends it.
 */
export function handOnSignIns(runs: RunList, tokens: Tokens, notices: SignInNotices, log: Log): Unsubscribe {
  async function handOn(run: WatchedRun, url: string): Promise<string | undefined> {
    const token = await tokens.token(url);
    if (!token) return "";
    try {
      log.info(`run ${run.id}: ${english(await run.renew(token))}`);
      return undefined;
    } catch (error) {
      log.info(`run ${run.id} keeps its session: ${messageOf(error)}`);
      return messageOf(error);
    }
  }

  const stops = [
    // Another window may have signed in meanwhile, or the run has come with another token.
    runs.expired.on((run) => {
      void handOn(run, originOf(run)).then((problem) => {
        if (problem !== undefined && run.expired) notices.waits(run);
      });
    }),
    tokens.signedIn.on(({ url }) => {
      for (const run of runs.active().filter((one) => isSameOrigin(one.file.deployment.url, url))) {
        const waited = run.expired !== undefined;
        void handOn(run, url).then((problem) => {
          if (!waited) return;
          if (problem === undefined) notices.goesOn(run);
          else notices.refused(run, problem);
        });
      }
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Of a run's deployment: what sign-ins are kept by. */
export function originOf(run: Pick<WatchedRun, "file">): string {
  return new URL(run.file.deployment.url).origin;
}
