import type { ServerSource } from "../protocol/server-source.ts";
import type { Target } from "../protocol/target.ts";

/** What is too short would be found in every word. */
const SHORTEST = 4;

/** Values that a run was given and must not tell: taken out of every text, and every argument of a message, that it writes or sends. */
export class Secrets {
  #found: string[] = [];

  /** From now on. A value of several lines may come line by line, and within JSON. */
  add(values: readonly string[]): void {
    const lines = values.flatMap((value) => [value, ...value.split(/\r?\n/)]);
    const all = lines.flatMap((line) => [line, JSON.stringify(line).slice(1, -1)]);
    const long = [...this.#found, ...all].filter((one) => one.trim().length >= SHORTEST);
    // One that is a part of another would leave the rest of it.
    this.#found = [...new Set(long)].sort((a, b) => b.length - a.length);
  }

  hide(text: string): string {
    return this.#found.reduce((hidden, one) => hidden.replaceAll(one, "***"), text);
  }
}

/** What opens the deployment: a program's output may hold it, and a workspace's. */
export function secretsOf({ token, network }: Target): string[] {
  return [token, ...Object.values(network.headers ?? {})];
}

/** What opens a source of server metrics. */
export function secretsOfSource(source: ServerSource): string[] {
  if (source.kind !== "postgres")
    return [
      ...(source.token === undefined ? [] : [source.token]),
      ...(source.kind === "kubernetes" ? ofCluster(source) : []),
    ];
  const [, password = ""] = /^[^:]*:\/\/[^:@/]*:(.*)@/.exec(source.url) ?? [];
  return [source.url, password, decoded(password), ...passwordParameters(source.url)];
}

function ofCluster({ exec, network }: Extract<ServerSource, { kind: "kubernetes" }>): string[] {
  return [
    ...Object.values(exec?.env ?? {}),
    ...(network.clientCertificate ? [network.clientCertificate.key] : []),
  ];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function passwordParameters(url: string): string[] {
  return [...url.matchAll(/[?&]password=([^&#]*)/g)].flatMap(([, text = ""]) => [text, decoded(text)]);
}
