import type { Message } from "../text/message.ts";

/** A place in a file: both from 0, columns in UTF-16 units, as editors count. */
export interface Position {
  line: number;
  column: number;
}

/** `end` is not in it. */
export interface Range {
  start: Position;
  end: Position;
}

/** Something wrong with a scenario, in one line that says what to do. A file with a warning can be run. */
export interface Problem {
  message: Message;
  /** The same without the flag that set the value: the editor has no flags. Absent where the file sets the value. */
  bare?: Message;
  severity: "error" | "warning";
  range: Range;
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some(({ severity }) => severity === "error");
}

/** By place, each once: where several steps come of one line, the line has the problem. */
export function sorted(problems: readonly Problem[]): Problem[] {
  const distinct = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  const at = ({ range: { start } }: Problem) => start.line * 1e6 + start.column;
  return [...distinct.values()].sort((a, b) => at(a) - at(b));
}
