import { wordsOf } from "../l10n/text.ts";
import { saidOf } from "../text/said-error.ts";

/**
 * What the rest of this folder needs of the editor, as narrow as it gets: the real things have these
 * shapes, and so have the tests' stand-ins.
 */
export interface SecretStore {
  get(key: string): PromiseLike<string | undefined>;
  store(key: string, value: string): PromiseLike<void>;
  delete(key: string): PromiseLike<void>;
}

export interface Memory {
  get<T>(key: string): T | undefined;
  update(key: string, value: unknown): PromiseLike<void>;
}

export interface Log {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** What an error says, in the editor's language. */
export function messageOf(error: unknown): string {
  return wordsOf(saidOf(error));
}
