import * as z from "zod";
import { field } from "../contract/fields/field.ts";
import { words } from "../text/message.ts";
import { amount, coder } from "./common-fields.ts";

// Apart from ssh.ts: whoever only reads flags must not load the dialers and their cryptography.

/** How SSH reaches the agents: fields of every workload that connects by it. */
export const sshFields = {
  sshVia: field(z.enum(["native", "cli"]), {
    flag: "ssh-via",
    env: coder("SSH_VIA"),
    description:
      "What makes the SSH connections: this tool itself, through the deployment's relay (native, the default), or a coder command for each (cli, the default with --connect-mode direct)",
  }),
  connectionsPerNode: field(amount(), {
    flag: "connections-per-node",
    env: coder("CONNECTIONS_PER_NODE"),
    default: 0,
    description:
      "SSH connections that share a tailnet node; 1 is a real user's shape, a node and the owner's token for each; 0 as many as is good for it",
  }),
  coderCli: field(z.string().min(1, "must name a command"), {
    flag: "coder-cli",
    notInFiles: words("runs a command of this machine"),
    env: coder("CODER_CLI"),
    placeholder: "command",
    description: "The coder command with arguments, for SSH; by default the one on PATH",
  }),
  downloadCli: field(z.boolean(), {
    flag: "download-cli",
    notInFiles: words("runs a program that it has fetched"),
    env: coder("DOWNLOAD_CLI"),
    default: false,
    description: "Fetch the coder command from the deployment where none is found on PATH",
  }),
};

export interface SshConfig {
  sshVia?: "native" | "cli" | undefined;
  connectionsPerNode: number;
  connectMode: "derp" | "direct";
  coderCli?: string | undefined;
  downloadCli: boolean;
}
