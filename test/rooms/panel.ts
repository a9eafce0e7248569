/** Compiled with the panel: no node, no editor and no tests are seen there. */
export type Page = typeof document;

// @ts-expect-error: node's
export type Bytes = typeof Buffer;
// @ts-expect-error: node's
export type Process = typeof process;
// @ts-expect-error: mocha's
export type Suite = typeof describe;
// @ts-expect-error: the editor's
export type Promised = Thenable<void>;
