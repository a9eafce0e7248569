import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { installVscodeHost } from "./install.ts";
import type { Sandbox } from "./sandbox.ts";
import { type Server, startServer } from "./server.ts";

/** The extension as it would be installed: what is built, what it shows, and its manifest. */
export function installCopy(root: string, extensions: string): void {
  const { publisher, name, version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const target = path.join(extensions, `${publisher}.${name}-${version}`);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const part of ["package.json", "package.nls.json", "l10n", "schemas", "dist", "media", "examples"]) {
    cpSync(path.join(root, part), path.join(target, part), { recursive: true });
  }
}

/** Writes what the extension starts with: the sandbox to sign in to, a run to start. Used once. */
export function writeQuickstart(folder: string, sandbox: Sandbox, run?: Record<string, unknown>): string {
  const file = path.join(folder, "quickstart.json");
  writeFileSync(file, JSON.stringify({ url: sandbox.url, token: sandbox.token, run }), { mode: 0o600 });
  return file;
}

export interface DemoOptions {
  root: string;
  /** Holds everything of this window: settings, extensions, workspace, runs. */
  folder: string;
  env: NodeJS.ProcessEnv;
  settings?: Record<string, unknown>;
  port?: number;
}

/** A VS Code server with the extension in it. The returned address opens its window. */
export async function startDemoServer(options: DemoOptions): Promise<Server & { address: string }> {
  const host = await installVscodeHost();
  const workspace = path.join(options.folder, "workspace");
  const extensions = path.join(options.folder, "extensions");
  mkdirSync(workspace, { recursive: true });
  installCopy(options.root, extensions);
  const server = await startServer({
    host,
    userData: path.join(options.folder, "user"),
    extensions,
    env: options.env,
    ...(options.settings ? { settings: options.settings } : {}),
    ...(options.port ? { port: options.port } : {}),
  });
  return { ...server, address: `${server.origin}/?folder=${encodeURIComponent(workspace)}` };
}
