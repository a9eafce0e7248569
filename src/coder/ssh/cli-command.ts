import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { access, chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { findOnPath, splitCommand } from "../../system/programs.ts";
import { say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";
import type { Transport } from "../transport.ts";

/** No `coder` command, and what to do about it in one line. */
export class NoCliError extends SaidError {
  override readonly name = "NoCliError";
}

/** The deployment's own name of the command for this machine (docs/coder-api.md, SSH), e.g. `coder-linux-amd64`. */
export function binaryName(
  platform: string = process.platform,
  arch: string = process.arch,
): string | undefined {
  const os = { linux: "linux", darwin: "darwin", win32: "windows" }[platform];
  const cpu = { x64: "amd64", arm64: "arm64", arm: "armv7" }[arch];
  if (!os || !cpu || (cpu === "armv7" && os !== "linux")) return undefined;
  return `coder-${os}-${cpu}${os === "windows" ? ".exe" : ""}`;
}

/**
 * Fetches the deployment's own `coder` command and keeps it, by the SHA-1 that the server gives as its
 * ETag. Resolves with its path. What does not match the sum is thrown away.
 */
export async function downloadCli(
  transport: Transport,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  const name = binaryName();
  if (!name)
    throw new NoCliError(
      say(
        "no coder command for {0}; name one with --coder-cli, or pass --no-ssh",
        `${process.platform}/${process.arch}`,
      ),
    );
  const { body, etag, status } = await transport.download(`/bin/${name}`, signal);
  const expected = /^(?:W\/)?"?([0-9a-f]{40})"?$/.exec(etag)?.[1];
  if (status !== 200 || !expected) {
    throw new NoCliError(
      say(
        "this deployment offers no coder command at {0} (status {1}); name one with --coder-cli, or pass --no-ssh",
        `/bin/${name}`,
        String(status),
      ),
    );
  }
  const sum = createHash("sha1").update(body).digest("hex");
  if (sum !== expected) {
    throw new NoCliError(
      say(
        "the coder command fetched from {0} is damaged (SHA-1 {1}, the server says {2})",
        `/bin/${name}`,
        sum,
        expected,
      ),
    );
  }
  const target = path.join(folder, expected, name.endsWith(".exe") ? "coder.exe" : "coder");
  await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
  const draft = `${target}.${process.pid}.tmp`;
  try {
    await writeFile(draft, body, { mode: 0o700 });
    await chmod(draft, 0o700);
    await rename(draft, target);
  } finally {
    await rm(draft, { force: true });
  }
  return target;
}

export interface CliChoice {
  /** From a flag or setting. */
  named: string | undefined;
  download: boolean;
  /** Folder that fetched commands are kept in. */
  folder: string;
  /** The simulated deployment's stand-in: program and arguments. */
  sandboxCommand: readonly string[] | undefined;
}

/**
 * The command that SSH goes through: the one named, the sandbox's own, the one on PATH, or fetched from the
 * deployment where that is allowed. Throws NoCliError.
 */
export async function chooseCli(
  choice: CliChoice,
  transport: Transport,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (choice.named) return namedCommand(choice.named);
  if (transport.sandbox && choice.sandboxCommand) return choice.sandboxCommand;
  const onPath = await findOnPath("coder");
  if (onPath) return [onPath];
  if (choice.download) return [await downloadCli(transport, choice.folder, signal)];
  throw new NoCliError(
    say(
      "SSH needs the coder command, and none is on PATH: name one with --coder-cli, fetch the deployment's with --download-cli, or pass --no-ssh",
    ),
  );
}

async function namedCommand(named: string): Promise<readonly string[]> {
  const words = splitCommand(named);
  const program = words[0];
  if (!program) throw new NoCliError(say("{0} is empty", "--coder-cli"));
  const isPath = program.includes("/") || program.includes("\\");
  const found = isPath
    ? await access(program, constants.X_OK).then(
        () => program,
        () => undefined,
      )
    : await findOnPath(program);
  if (!found) throw new NoCliError(say('{0} names "{1}", which cannot be run', "--coder-cli", program));
  return [found, ...words.slice(1)];
}
