import { t } from "./text.ts";

/** What a workload says of itself and of its fields: scripts/l10n.ts puts these texts into the bundle. */
export function workloadText(text: string): string {
  return t(text);
}
