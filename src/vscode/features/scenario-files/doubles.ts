import type { Problem } from "../../../scenario/problem.ts";

/** A diagnostic of somebody else. */
export interface Told {
  source?: string | undefined;
  range: { start: { line: number; character: number } };
}

/** Red Hat's YAML extension holds the file against its schema: what it says at a place is not said again there. */
export function withoutDoubles(problems: readonly Problem[], told: readonly Told[]): Problem[] {
  const places = new Set(
    told
      .filter(({ source }) => source !== undefined && /yaml/i.test(source))
      .map(({ range: { start } }) => `${start.line}:${start.character}`),
  );
  return problems.filter(({ range: { start } }) => !places.has(`${start.line}:${start.column}`));
}
