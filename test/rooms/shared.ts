/** Compiled with what node and the panel share: nothing that only one of them has is seen there. */

// @ts-expect-error: a page's
export type Page = typeof document;
// @ts-expect-error: node's
export type Bytes = typeof Buffer;
// @ts-expect-error: node's
export type Process = typeof process;
// @ts-expect-error: mocha's
export type Suite = typeof describe;
