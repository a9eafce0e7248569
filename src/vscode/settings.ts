import { workspace } from "vscode";
import type { NetworkSettings } from "../app/target/network.ts";
import type { Guard } from "../protocol/guard.ts";

/** Our settings as package.json describes them, read anew each time. */
export const settings = {
  /** The `coder` command with arguments; empty: the one on PATH. */
  coderCli: () => read("coderCli", "").trim(),
  /** Folder that holds runs; empty: where the platform keeps an application's data. */
  home: () => read("home", "").trim(),
  /** What runs from here are held to, as it stands there: nothing is checked yet. */
  thresholds: () => read<unknown[]>("thresholds", []),
  /** Ceilings that every run from this editor has; absent is none. */
  limits: (): Guard["limits"] => {
    const limits: Guard["limits"] = {};
    const [workspaces, connections, bytesPerSecond] = ["count", "connections", "rate"].map((key) =>
      read<number | null>(`limits.${key}`, null),
    );
    if (workspaces) limits.workspaces = workspaces;
    if (connections) limits.connections = connections;
    if (bytesPerSecond) limits.bytesPerSecond = bytesPerSecond;
    return limits;
  },
};

function read<T>(key: string, fallback: T): T {
  return workspace.getConfiguration("scaletest").get<T>(key) ?? fallback;
}

/** VS Code's own settings about the network, and those of Coder's extension: read, never contributed. */
export function networkSettings(): NetworkSettings {
  const http = workspace.getConfiguration("http");
  return {
    http: {
      proxy: http.get<string>("proxy"),
      noProxy: http.get<string[]>("noProxy"),
      proxySupport: http.get<string>("proxySupport"),
    },
    coder: coderSettings(),
  };
}

/** The address that Coder's own extension is signed in to, if it says. */
export function coderExtensionUrl(): string | undefined {
  return workspace.getConfiguration("coder").get<string>("defaultUrl") || undefined;
}

function coderSettings(): NonNullable<NetworkSettings["coder"]> {
  const coder = workspace.getConfiguration("coder");
  const text = (key: string) => (coder.get<string>(key) ?? "").trim();
  return {
    tlsCertFile: text("tlsCertFile"),
    tlsKeyFile: text("tlsKeyFile"),
    tlsCaFile: text("tlsCaFile"),
    tlsAltHost: text("tlsAltHost"),
    headerCommand: text("headerCommand"),
  };
}
