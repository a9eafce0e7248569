import type { Kind } from "./setup.ts";

/** How each transport is called. */
export const LABELS: Record<Kind, string> = { pty: "web terminal", app: "app", ssh: "SSH" };
