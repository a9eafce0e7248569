import { commands, Disposable, window } from "vscode";
import { type Log, messageOf } from "./host.ts";
import type { CommandId, Commands, ContextKey } from "./ids.ts";

export type Handlers = { [C in CommandId]: (...args: Commands[C]) => unknown };

/**
 * Registers a handler for each command. What a handler throws is shown and logged as one line; the command
 * itself then ends with undefined.
 */
export function registerCommands(handlers: Handlers, log: Log): Disposable {
  const registered = (Object.keys(handlers) as CommandId[]).map((id) => {
    const handler = handlers[id] as (...args: unknown[]) => unknown;
    return commands.registerCommand(id, async (...args: unknown[]) => {
      try {
        return await handler(...args);
      } catch (error) {
        log.error(`${id}: ${messageOf(error)}`);
        void window.showErrorMessage(messageOf(error));
        return undefined;
      }
    });
  });
  return Disposable.from(...registered);
}

export function setContextKey(key: ContextKey, value: boolean): void {
  void commands.executeCommand("setContext", key, value);
}

export function execute<C extends CommandId>(id: C, ...args: Commands[C]): Thenable<unknown> {
  return commands.executeCommand(id, ...args);
}
