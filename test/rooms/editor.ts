/** Compiled with the part in the editor: no page and no tests are seen there. */
export type Promised = Thenable<void>;

// @ts-expect-error: a page's
export type Page = typeof document;
// @ts-expect-error: mocha's
export type Suite = typeof describe;
