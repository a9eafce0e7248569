import * as z from "zod";
import type { Option } from "../contract/option.ts";

// Apart from ssh.ts: whoever only reads flags must not load the dialers and their cryptography.

/** How SSH reaches the agents: flags of every workload that connects by it. */
export const sshOptions: readonly Option[] = [
  {
    key: "sshVia",
    flag: "ssh-via",
    env: "CODER_SCALETEST_SSH_VIA",
    kind: "choice",
    choices: ["native", "cli"],
    description:
      "What makes the SSH connections: this tool itself, through the deployment's relay (native, the default), or a coder command for each (cli, the default with --connect-mode direct)",
  },
  {
    key: "connectionsPerNode",
    flag: "connections-per-node",
    env: "CODER_SCALETEST_CONNECTIONS_PER_NODE",
    kind: "integer",
    default: "0",
    description:
      "SSH connections that share a tailnet node; 1 is a real user's shape, a node and the owner's token for each; 0 as many as is good for it",
  },
];

export const sshShape = {
  sshVia: z.enum(["native", "cli"]).optional(),
  connectionsPerNode: z.number().int().min(0, "must be 0 or more").default(0),
};

export interface SshConfig {
  sshVia?: "native" | "cli" | undefined;
  connectionsPerNode: number;
  connectMode: "derp" | "direct";
  coderCli?: string | undefined;
  downloadCli: boolean;
}
