/** Compiled with the engine: no page and no tests are seen there. */
export type Process = typeof process;

// @ts-expect-error: a page's
export type Page = typeof document;
// @ts-expect-error: a page's
export type Window = typeof window;
// @ts-expect-error: mocha's
export type Suite = typeof describe;
