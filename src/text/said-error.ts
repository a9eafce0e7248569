import { english, foreign, type Message } from "./message.ts";

/** An error whose sentence can be said in any language; `message` is its English. */
export class SaidError extends Error {
  override readonly name: string = "SaidError";
  readonly said: Message;

  constructor(said: Message, options?: ErrorOptions) {
    super(english(said), options);
    this.said = said;
  }
}

/** What an error says; of others than our own, their text as it is. */
export function saidOf(error: unknown): Message {
  if (error instanceof SaidError) return error.said;
  return foreign(error instanceof Error ? error.message : String(error));
}
