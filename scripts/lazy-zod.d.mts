import type { Plugin } from "esbuild";

export const lazyZod: Plugin;
