import { Range, type TestController, type TestItem, type Uri } from "vscode";
import { baseName, titleOf } from "../../../app/scenario/title.ts";
import type { HeldTo, Scenario } from "../../../scenario/model.ts";
import type { Range as FileRange } from "../../../scenario/problem.ts";
import type { ScenarioFile } from "./files.ts";

/**
 * The test of a file, under the scenario's name, with a test for each threshold at its line. Without a description: the
 * editor tells screen readers that instead of the name.
 */
export function updateItem(controller: TestController, read: ScenarioFile): TestItem {
  const { scenario, uri } = read;
  const item = itemOf(controller, uri);
  item.label = titleOf(uri.path, scenario);
  item.range = rangeOf(scenario.nameRange);
  item.children.replace(
    scenario.heldTo.map((held, at) => {
      const child = controller.createTestItem(thresholdId(item.id, scenario, at), labelOf(held), uri);
      child.range = rangeOf(held.range);
      // In the order of the file.
      child.sortText = String(at).padStart(4, "0");
      return child;
    }),
  );
  return item;
}

/** The test of a file, which may not have been read yet. */
export function itemOf(controller: TestController, uri: Uri): TestItem {
  const id = uri.toString();
  const known = controller.items.get(id);
  if (known) return known;
  const item = controller.createTestItem(id, baseName(uri.path), uri);
  controller.items.add(item);
  return item;
}

/** Stays while others come and go above it. */
export function thresholdId(file: string, { heldTo }: Pick<Scenario, "heldTo">, at: number): string {
  const { expression, step } = heldTo[at] ?? { expression: "", step: undefined };
  const same = heldTo.slice(0, at).filter((one) => one.expression === expression && one.step === step).length;
  return `${file}#${step ?? ""}/${expression}${same > 0 ? `#${same + 1}` : ""}`;
}

function labelOf({ expression, step }: HeldTo): string {
  return step === undefined ? expression : `${step}: ${expression}`;
}

export function rangeOf({ start, end }: FileRange): Range {
  return new Range(start.line, start.column, end.line, end.column);
}
