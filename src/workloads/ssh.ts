import { mkdir } from "node:fs/promises";
import path from "node:path";
import { chooseCli, NoCliError } from "../coder/ssh/cli-command.ts";
import { CliDialer } from "../coder/ssh/cli-dialer.ts";
import type { WorkspaceDialer } from "../coder/ssh/dialer.ts";
import { TailnetDialer } from "../coder/ssh/tailnet-dialer.ts";
import { Refusal } from "../contract/failures.ts";
import type { PrepareContext } from "../contract/prepare.ts";
import { say } from "../text/message.ts";
import type { SshConfig } from "./ssh-fields.ts";

/** How it will be done, with the command where one is needed. */
export type SshWay = { via: "native" } | { via: "cli"; command: readonly string[] };

/** Looks for what SSH needs, before anything is made. Throws Refusal. */
export async function chooseSsh(config: SshConfig, context: PrepareContext): Promise<SshWay> {
  if (sshViaOf(config) === "native") return { via: "native" };
  try {
    const command = await chooseCli(
      {
        named: config.coderCli,
        download: config.downloadCli,
        folder: context.files.cliFolder,
        sandboxCommand: context.files.sandboxCoder,
      },
      context.client.transport,
      context.signal,
    );
    return { via: "cli", command };
  } catch (error) {
    if (error instanceof NoCliError) throw new Refusal(error.said);
    throw error;
  }
}

/** Only the command goes past the relay, so a direct connection is its; everything else is native. */
function sshViaOf(config: SshConfig): "native" | "cli" {
  const direct = config.connectMode === "direct";
  if (config.sshVia === "native" && direct) {
    throw new Refusal(
      say(
        "--ssh-via native goes through the deployment's relay; for --connect-mode direct pass --ssh-via cli",
      ),
    );
  }
  return config.sshVia ?? (direct ? "cli" : "native");
}

/** The run's own folder for what the command leaves behind. */
export const sshFolder = (context: PrepareContext) => path.join(context.files.runFolder, "ssh");

/** Opens what `chooseSsh` has chosen, and tells which it is. */
export async function openDialer(
  way: SshWay,
  config: SshConfig,
  context: PrepareContext,
): Promise<WorkspaceDialer> {
  const dialer =
    way.via === "native" ? nativeDialer(config, context) : await cliDialer(way.command, config, context);
  context.event(say("SSH goes by {0}", dialer.description));
  return dialer;
}

function nativeDialer(config: SshConfig, context: PrepareContext): WorkspaceDialer {
  return new TailnetDialer({
    transport: context.client.transport,
    connectionsPerNode: config.connectionsPerNode,
    event: (what) => context.event(say("SSH: {0}", what)),
  });
}

async function cliDialer(
  command: readonly string[],
  config: SshConfig,
  context: PrepareContext,
): Promise<WorkspaceDialer> {
  const { url, pacer, session, target } = context.client.transport;
  const folder = sshFolder(context);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return new CliDialer({
    command,
    url,
    mode: config.connectMode,
    network: target.network,
    pacer,
    session,
    folder,
  });
}
