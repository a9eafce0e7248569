import { byRun, countsOf, type Leftover } from "../../../app/clean-up/leftovers.ts";
import { listed, t } from "../../../l10n/text.ts";

import { usersText, workspacesText } from "../../text.ts";
import type { Choice } from "../../ui/inputs.ts";

/** What is to be deleted: of one run, or everything. */
export type CleanupScope = { run: string } | { everything: true };

/** What scale tests left on a deployment, as choices: everything first, then run by run. */
export function leftoverChoices(
  leftovers: readonly Leftover[],
  titles: ReadonlyMap<string, string>,
): Choice<CleanupScope>[] {
  const everything: Choice<CleanupScope> = {
    label: `$(trash) ${t("Everything that scale tests left")}`,
    description: amount(leftovers),
    value: { everything: true },
  };
  const runs = byRun(leftovers).map(({ run, leftovers: group }): Choice<CleanupScope> => {
    if (run === undefined) {
      return { label: groupLabel(run), description: t("{0}; only with everything", amount(group)) };
    }
    const title = titles.get(run);
    return {
      label: groupLabel(run),
      description: amount(group),
      ...(title ? { detail: title } : {}),
      value: { run },
    };
  });
  return [everything, ...runs];
}

/** Of what one run left; of none: of what another tool did. */
export function groupLabel(run: string | undefined): string {
  return run === undefined ? t("Of another tool") : t("Run {0}", run);
}

export function amount(leftovers: readonly Leftover[]): string {
  const { workspaces, users } = countsOf(leftovers);
  return listed([workspacesText(workspaces), usersText(users)]);
}
