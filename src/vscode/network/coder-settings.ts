import { homedir } from "node:os";
import { headersOfCommand } from "../../coder/header-command.ts";
import type { Network } from "../../protocol/target.ts";

/** Settings of Coder's own extension about the way to a deployment; empty where they are not set. */
export interface CoderSettings {
  tlsCertFile: string;
  tlsKeyFile: string;
  tlsCaFile: string;
  tlsAltHost: string;
  headerCommand: string;
}

/**
 * What those settings mean for a run: files read, the header command run. Its paths may begin with `~` or
 * `${userHome}`, as in Coder's own extension. Rejects with one sentence that names the setting.
 */
export async function coderNetwork(
  url: string,
  settings: CoderSettings,
  readText: (path: string) => Promise<string>,
): Promise<Network> {
  const network: Network = {};
  const read = async (name: keyof CoderSettings): Promise<string> => {
    try {
      return await readText(expandPath(settings[name]));
    } catch (error) {
      throw new Error(`coder.${name} cannot be read (${error instanceof Error ? error.message : error})`);
    }
  };
  if (settings.tlsCaFile) network.ca = [await read("tlsCaFile")];
  if (settings.tlsCertFile && settings.tlsKeyFile) {
    network.clientCertificate = { cert: await read("tlsCertFile"), key: await read("tlsKeyFile") };
  }
  if (settings.tlsAltHost) network.serverName = settings.tlsAltHost;
  if (settings.headerCommand) network.headers = await headersOfCommand(settings.headerCommand, url);
  return network;
}

function expandPath(path: string): string {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the setting's own spelling
  return path.replace(/^~(?=\/|\\|$)/, homedir()).replaceAll("${userHome}", homedir());
}
