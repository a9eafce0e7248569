import { writeFileSync } from "node:fs";
import path from "node:path";
import type { Network } from "../../protocol/target.ts";

/** What the coder command is started with: the deployment, whose token, and the same way there as ours. */
export interface CliEnvironment {
  url: string;
  token: string;
  network: Network;
  /** For its own configuration and temporary files: what it leaves behind goes with the run. */
  folder: string;
}

/**
 * Environment of a coder process. A person's own login, proxy and headers are not used unless they were
 * resolved for this run. (The command takes no client certificate.)
 */
export function cliEnvironment(
  { url, token, network, folder }: CliEnvironment,
  env: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([name]) => !/^(CODER_|VSCODE_)|^(all|https?|no)_proxy$/i.test(name) || name === "CODER_SCALETEST_HOME",
  );
  const { proxy, noProxy } = network;
  return {
    ...Object.fromEntries(kept),
    ...(proxy ? { HTTPS_PROXY: proxy, HTTP_PROXY: proxy } : {}),
    ...(noProxy ? { NO_PROXY: noProxy } : {}),
    ...headerVariables(network),
    ...certificates(network, folder),
    CODER_URL: url,
    CODER_SESSION_TOKEN: token,
    CODER_CONFIG_DIR: folder,
    CODER_NO_VERSION_WARNING: "true",
    CODER_NO_FEATURE_WARNING: "true",
    TMPDIR: folder,
    TEMP: folder,
    TMP: folder,
    ELECTRON_RUN_AS_NODE: "1",
  };
}

/** The header command is run by the process itself: it adds what that prints to the others. */
function headerVariables({ headers, headerCommand }: Network): NodeJS.ProcessEnv {
  const fixed = headerCommand?.fixed ?? headers ?? {};
  return {
    ...(Object.keys(fixed).length > 0 ? { CODER_HEADER: csv(fixed) } : {}),
    ...(headerCommand ? { CODER_HEADER_COMMAND: headerCommand.command } : {}),
  };
}

/** The command reads its list as one line of CSV. */
function csv(headers: Record<string, string>): string {
  return Object.entries(headers)
    .map(([name, value]) => `"${`${name}=${value}`.replaceAll('"', '""')}"`)
    .join(",");
}

/** Go reads further certificates from a folder; the system's own file stays in use. */
function certificates({ ca }: Network, folder: string): NodeJS.ProcessEnv {
  if (!ca || ca.length === 0) return {};
  writeFileSync(path.join(folder, "certificates.pem"), ca.join("\n"), { mode: 0o600 });
  return { SSL_CERT_DIR: [folder, "/etc/ssl/certs", "/etc/pki/tls/certs"].join(":") };
}
