import { byRun, countsOf, type Leftover, oldestOf, templatesOf } from "../../../app/clean-up/leftovers.ts";
import { formatDuration } from "../../../l10n/figures.ts";
import { listed, t } from "../../../l10n/text.ts";
import { workspacesText } from "../../text.ts";
import { distinct, lineId } from "../../ui/tree-ids.ts";
import type { TreeLine } from "../../ui/tree-line.ts";
import { amount, groupLabel } from "./model.ts";

/** A line of the tree of leftovers: a run with everything that it left, or one user of it. */
export interface LeftoverNode extends TreeLine {
  /** Names of the users that a tick at this line stands for. */
  owners: readonly string[];
  children: readonly LeftoverNode[];
}

/** Run by run, the largest first; what other tools left comes last. */
export function leftoverNodes(
  leftovers: readonly Leftover[],
  titles: ReadonlyMap<string, string>,
  now = Date.now(),
): LeftoverNode[] {
  return byRun(leftovers).map(({ run = "", leftovers: group }) =>
    groupNode(run, group, titles.get(run), now),
  );
}

function groupNode(
  run: string,
  group: readonly Leftover[],
  title: string | undefined,
  now: number,
): LeftoverNode {
  const templates = templatesOf(group);
  const { workspaces } = countsOf(group);
  const name = groupLabel(run || undefined);
  const amounts = [amount(group), ageOf(group, now)].filter(Boolean).join(" · ");
  return {
    id: lineId("run", run),
    // As the tree of runs has it: what it costs comes first.
    label: workspaces > 0 ? workspacesText(workspaces) : amount(group),
    description: [title ?? name, ageOf(group, now)].filter(Boolean).join(" · "),
    // A narrow side bar cuts the line: all of it stands here.
    tooltip: [title, name, amounts, templates.length > 0 ? t("Templates: {0}", listed(templates)) : ""]
      .filter(Boolean)
      .join("\n"),
    spoken: `${name}, ${amounts}`,
    icon: "history",
    context: "leftover.run",
    owners: group.map(({ owner }) => owner),
    children: distinct([...group].sort(byNumber).map((one) => ownerNode(run, one, now))),
  };
}

/** The tenth comes after the ninth. */
function byNumber(a: Leftover, b: Leftover): number {
  return a.owner.localeCompare(b.owner, "en", { numeric: true });
}

/** Under a run, what all of its names begin with says nothing, and takes the place of what tells them apart. */
function shortName(run: string, owner: string): string {
  const start = `scaletest-${run}-`;
  return run !== "" && owner.startsWith(start) && owner.length > start.length
    ? t("User {0}", owner.slice(start.length))
    : owner;
}

function ownerNode(run: string, one: Leftover, now: number): LeftoverNode {
  const { owner, user, workspaces } = one;
  const description = [workspacesText(workspaces.length), user ? "" : t("the user stays"), ageOf([one], now)]
    .filter(Boolean)
    .join(" · ");
  return {
    id: lineId("owner", run, owner),
    label: shortName(run, owner),
    description,
    tooltip: [owner, ...workspaces.map(({ name, latest_build }) => `${name}: ${latest_build.status}`)].join(
      "\n",
    ),
    spoken: `${owner}, ${description}`,
    icon: "vm",
    context: "leftover.user",
    owners: [owner],
    children: [],
  };
}

function ageOf(group: readonly Leftover[], now: number): string {
  const oldest = oldestOf(group);
  return oldest === undefined ? "" : t("{0} old", formatDuration(Math.max(0, now - oldest)));
}

/** What is ticked: a line is, when all that it stands for is. */
export class Ticks {
  readonly #owners = new Set<string>();

  set(node: LeftoverNode, ticked: boolean): void {
    for (const owner of node.owners) {
      if (ticked) this.#owners.add(owner);
      else this.#owners.delete(owner);
    }
  }

  has(node: LeftoverNode): boolean {
    return node.owners.length > 0 && node.owners.every((owner) => this.#owners.has(owner));
  }

  /** Of those that are still there. */
  among(leftovers: readonly Leftover[]): Leftover[] {
    return leftovers.filter(({ owner }) => this.#owners.has(owner));
  }

  clear(): void {
    this.#owners.clear();
  }
}
