import { CoderClient } from "../../src/coder/client.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../src/sandbox/server.ts";
import { eventually, newHome, processesOf, removeFolder } from "./product.ts";

/** A simulated deployment, a client of it, and a home for what is run against it. */
export interface Deployed {
  sandbox: Sandbox;
  client: CoderClient;
  home: string;
}

export async function deploy(options: SandboxOptions): Promise<Deployed> {
  const sandbox = await startSandbox(options);
  const client = new CoderClient({ url: sandbox.url, token: sandbox.token, network: {} });
  return { sandbox, client, home: newHome() };
}

/** Ends it all; no process may be left of what was run. */
export async function dismantle({ sandbox, client, home }: Deployed): Promise<void> {
  // Stopped ones may be on their way out; none may stay.
  await eventually("no process is left", () => processesOf(home).length === 0, 20_000);
  await client.close();
  await sandbox.close();
  removeFolder(home);
}

/** What scale tests have made on it, and have not deleted. */
export async function leftOn(client: CoderClient): Promise<{ workspaces: number; users: number }> {
  return {
    workspaces: (await client.findWorkspaces('name:"scaletest-"')).length,
    users: (await client.findUsers("scaletest-")).length,
  };
}

/** The variables by which a command line finds it. */
export function envOf({ url, token }: Pick<Sandbox, "url" | "token">): Record<string, string> {
  return { CODER_URL: url, CODER_SESSION_TOKEN: token };
}
