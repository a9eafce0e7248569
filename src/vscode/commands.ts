import { commands, Disposable } from "vscode";
import { type Log, messageOf } from "./host.ts";
import type { CommandId, Commands, ContextKey, ContextKeys } from "./ids.ts";
import { showError } from "./ui/show-error.ts";

export type Handlers = { [C in CommandId]: (...args: Commands[C]) => unknown };

export type Handler = (...args: unknown[]) => unknown;

/** What takes the handlers. */
interface CommandParts {
  front: { command(id: CommandId, handler: Handler): Disposable };
  log: Log;
}

/** Commands that have their handlers, each with what takes it away again. */
export type Registered<C extends CommandId> = Readonly<Record<C, Disposable>>;

/**
 * Registers a handler for each of these commands. What a handler throws is shown and logged as one line; the command
 * itself then ends with undefined.
 */
export function registerCommands<C extends CommandId>(
  handlers: Pick<Handlers, C>,
  { front, log }: CommandParts,
): Registered<C> {
  const registered = (Object.keys(handlers) as C[]).map((id) => {
    const handler = handlers[id] as Handler;
    const command = front.command(id, async (...args) => {
      try {
        return await handler(...args);
      } catch (error) {
        log.error(`${id}: ${messageOf(error)}`);
        showError(error);
        return undefined;
      }
    });
    return [id, command] as const;
  });
  return Object.fromEntries(registered) as Registered<C>;
}

/** A part of the editor that has registered itself, until it is disposed. */
export interface Feature<C extends CommandId = never> {
  readonly commands: Registered<C>;
  readonly dispose: () => void;
}

/** Its commands, and what else ends with it. */
export function feature<C extends CommandId>(
  commands: Registered<C>,
  ...others: readonly { dispose(): unknown }[]
): Feature<C> {
  const all = Disposable.from(...Object.values<Disposable>(commands), ...others);
  return { commands, dispose: () => void all.dispose() };
}

export function setContextKey<K extends ContextKey>(key: K, value: ContextKeys[K]): void {
  void commands.executeCommand("setContext", key, value);
}

export function execute<C extends CommandId>(id: C, ...args: Commands[C]): Thenable<unknown> {
  return commands.executeCommand(id, ...args);
}
