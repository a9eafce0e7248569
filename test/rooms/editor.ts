import { execute, type Feature, feature, setContextKey } from "../../src/vscode/commands.ts";
import type { CommandId } from "../../src/vscode/ids.ts";

/** Compiled with the part in the editor: no page and no tests are seen there. */
export type Promised = Thenable<void>;

// @ts-expect-error: a page's
export type Page = typeof document;
// @ts-expect-error: mocha's
export type Suite = typeof describe;

// @ts-expect-error: no such command
export const misspelt = () => execute("scaletest.pauze");
// @ts-expect-error: it takes a run
export const misused = () => execute("scaletest.pause", 5);
// @ts-expect-error: no such key
export const unknownKey = () => setContextKey("scaletest.runsActiv", true);
// @ts-expect-error: a key of another type
export const wrongValue = () => setContextKey("scaletest.runsActive", "yes");
// @ts-expect-error: commands without a handler
export const unhandled: Feature<CommandId> = feature({});
