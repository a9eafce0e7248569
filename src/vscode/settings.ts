import { workspace } from "vscode";
import type { NetworkSettings } from "../app/target/network.ts";
import type { Guard } from "../protocol/guard.ts";
import { SETTING_DEFAULTS, type Settings } from "./ids.ts";

/** Our settings, read anew each time. */
export const settings = {
  coderCli: () => read("coderCli").trim(),
  home: () => read("home").trim(),
  thresholds: () => read("thresholds"),
  /** Ceilings that every run from this editor has; absent is none. */
  limits: (): Guard["limits"] => {
    const limits: Guard["limits"] = {};
    const workspaces = read("limits.count");
    const connections = read("limits.connections");
    const bytesPerSecond = read("limits.rate");
    if (workspaces) limits.workspaces = workspaces;
    if (connections) limits.connections = connections;
    if (bytesPerSecond) limits.bytesPerSecond = bytesPerSecond;
    return limits;
  },
};

function read<K extends keyof Settings>(key: K): Settings[K] {
  return workspace.getConfiguration("scaletest").get<Settings[K]>(key) ?? SETTING_DEFAULTS[key];
}

/** VS Code's own settings about the network, and those of Coder's extension: read, never contributed. */
interface ForeignSettings {
  "http.proxy": string;
  "http.noProxy": string[];
  "http.proxySupport": string;
  "coder.defaultUrl": string;
  "coder.tlsCertFile": string;
  "coder.tlsKeyFile": string;
  "coder.tlsCaFile": string;
  "coder.tlsAltHost": string;
  "coder.headerCommand": string;
}

/** undefined where nobody has set it, and where its extension is not installed. */
function foreign<K extends keyof ForeignSettings>(key: K): ForeignSettings[K] | undefined {
  return workspace.getConfiguration().get<ForeignSettings[K]>(key);
}

export function networkSettings(): NetworkSettings {
  return {
    http: {
      proxy: foreign("http.proxy"),
      noProxy: foreign("http.noProxy"),
      proxySupport: foreign("http.proxySupport"),
    },
    coder: coderSettings(),
  };
}

/** The address that Coder's own extension is signed in to, if it says. */
export function coderExtensionUrl(): string | undefined {
  return foreign("coder.defaultUrl") || undefined;
}

function coderSettings(): NonNullable<NetworkSettings["coder"]> {
  return {
    tlsCertFile: foreign("coder.tlsCertFile")?.trim() ?? "",
    tlsKeyFile: foreign("coder.tlsKeyFile")?.trim() ?? "",
    tlsCaFile: foreign("coder.tlsCaFile")?.trim() ?? "",
    tlsAltHost: foreign("coder.tlsAltHost")?.trim() ?? "",
    headerCommand: foreign("coder.headerCommand")?.trim() ?? "",
  };
}
