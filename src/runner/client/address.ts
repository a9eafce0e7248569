import { PROTOCOL_VERSION } from "../../protocol/messages.ts";
import { type RunFile, readRunHead } from "../../runs/run-file.ts";
import { say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";

/** Where the runner of a run listens, and how one who watches it begins to talk with it. */
export interface RunAddress {
  runId: string;
  folder: string;
  /** Path of the local socket, or name of the pipe; absent: where the folder says. */
  socket?: string;
  hello: { token: string; protocol: number; client: string };
}

/** Of the run in a folder. Rejects with one sentence where it has no runner yet. */
export async function readAddress(folder: string, client: string): Promise<Required<RunAddress>> {
  const file = await readRunHead(folder);
  const { socket } = file.runner;
  if (!socket) throw new SaidError(say("run {0} has no runner yet", file.id));
  return { ...addressOf(folder, file, client), socket };
}

/** Of a run whose file is known. */
export function addressOf(folder: string, { id, runner }: RunFile, client: string): RunAddress {
  return { runId: id, folder, hello: { token: runner.token, protocol: PROTOCOL_VERSION, client } };
}
