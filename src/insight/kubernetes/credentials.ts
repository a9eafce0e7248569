import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import * as z from "zod";
import { withoutSecrets } from "../../protocol/secret-variables.ts";
import type { KubernetesCluster } from "../../protocol/server-source.ts";
import { say } from "../../text/message.ts";
import { SaidError, saidOf } from "../../text/said-error.ts";

/** Before it ends, so that no request goes out with one that has ended meanwhile. */
const EARLY_MS = 60_000;

const execCredentialSchema = z.object({
  kind: z.literal("ExecCredential"),
  status: z.object({
    token: z.string().optional(),
    expirationTimestamp: z.string().optional(),
    clientCertificateData: z.string().optional(),
    clientKeyData: z.string().optional(),
  }),
});

export interface Credentials {
  token?: string | undefined;
  clientCertificate?: { cert: string; key: string } | undefined;
}

/** What opens a cluster: as it stands, out of a file that changes, or of a command that the person has consented to. */
export class ClusterCredentials {
  readonly #cluster: KubernetesCluster;
  #kept: { credentials: Credentials; until: number } | undefined;

  constructor(cluster: KubernetesCluster) {
    this.#cluster = cluster;
  }

  /** Rejects with one line, in which there is nothing that a command has printed. */
  async get(): Promise<Credentials> {
    const { token, tokenFile, exec } = this.#cluster;
    if (exec) return this.#run(exec);
    if (tokenFile === undefined) return { token };
    try {
      return { token: (await readFile(tokenFile, "utf8")).trim() };
    } catch (error) {
      throw new SaidError(say("the token's file of the kubeconfig cannot be read ({0})", saidOf(error)));
    }
  }

  /** They were refused: the next ones are new. */
  forget(): void {
    this.#kept = undefined;
  }

  async #run(exec: NonNullable<KubernetesCluster["exec"]>): Promise<Credentials> {
    if (this.#kept && Date.now() < this.#kept.until) return this.#kept.credentials;
    const { command, args, env, apiVersion } = exec;
    const info = { kind: "ExecCredential", apiVersion, spec: { interactive: false } };
    let stdout: string;
    try {
      ({ stdout } = await promisify(execFile)(command, args, {
        env: { ...withoutSecrets(process.env), ...env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
        timeout: 30_000,
        maxBuffer: 1024 * 1024,
        windowsHide: true,
      }));
    } catch (error) {
      const { code, killed } = error as { code?: number | string; killed?: boolean };
      throw new SaidError(
        killed
          ? say("the command {0} of the kubeconfig did not end within 30 s", command)
          : say("the command {0} of the kubeconfig failed ({1})", command, String(code)),
      );
    }
    const {
      token,
      expirationTimestamp,
      clientCertificateData: cert,
      clientKeyData: key,
    } = credentialIn(command, stdout);
    const until = Date.parse(expirationTimestamp ?? "");
    const credentials = { token, ...(cert && key ? { clientCertificate: { cert, key } } : {}) };
    this.#kept = {
      credentials,
      until: Number.isFinite(until) ? until - EARLY_MS : Number.POSITIVE_INFINITY,
    };
    return credentials;
  }
}

function credentialIn(command: string, stdout: string): z.output<typeof execCredentialSchema>["status"] {
  try {
    return execCredentialSchema.parse(JSON.parse(stdout)).status;
  } catch {
    throw new SaidError(say("the command {0} of the kubeconfig printed no credential", command));
  }
}
