import type { CoderClient } from "../../coder/client.ts";
import type { Job, JobContext } from "../../contract/job.ts";
import { say } from "../../text/message.ts";
import type { OwnerTokens } from "../owner-tokens.ts";
import { commandOptions, inTerminal } from "../run-command.ts";
import type { Target } from "../targets.ts";
import type { CommandConfig } from "./config.ts";

/** What all jobs of a run share. */
export interface Shared {
  config: CommandConfig;
  tokens: OwnerTokens;
  /** Whose own token does for their own workspaces. */
  hostId: string;
}

/** Runs the command in one workspace. */
export class CommandJob implements Job {
  readonly index: number;
  readonly name: string;
  readonly owner: string;
  readonly #target: Target;
  readonly #shared: Shared;

  constructor(index: number, target: Target, shared: Shared) {
    this.index = index;
    this.name = target.workspace.name;
    this.owner = target.workspace.owner_name;
    this.#target = target;
    this.#shared = shared;
  }

  async run(context: JobContext): Promise<void> {
    const { config } = this.#shared;
    context.workspaceId(this.#target.workspace.id);
    const user = await this.#user(context);
    context.state("active", say("connecting"));
    await inTerminal(context, user, this.#target.agent, {
      command: config.runCommand,
      ...commandOptions(config),
      hints: { noShell: say("choose other workspaces"), timedOut: say("allow more with --run-timeout") },
    });
    context.doing(say("done"));
  }

  /** The client whose token opens the terminal. */
  async #user(context: JobContext): Promise<CoderClient> {
    const { tokens, config, hostId } = this.#shared;
    const { owner_id: ownerId } = this.#target.workspace;
    if (config.useHostLogin || ownerId === hostId) return context.client;
    context.state("starting", say("getting a token"));
    const token = await context.timed("token", () =>
      tokens.take(ownerId, context.client, context.ledger, context.signal),
    );
    return context.client.as({ token });
  }

  async cleanup(context: JobContext): Promise<void> {
    context.doing(say("revoking the token"));
    const { owner_id: ownerId } = this.#target.workspace;
    await this.#shared.tokens.revoke(ownerId, context.client, context.ledger, context.signal);
  }
}
