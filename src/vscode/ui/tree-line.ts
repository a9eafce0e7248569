import type { LineContext } from "../ids.ts";
import type { Look } from "./looks.ts";

/** A line of a tree, without the editor in it. */
export interface TreeLine extends Look {
  id: string;
  label: string;
  description: string;
  tooltip: string;
  /** What a screen reader says. */
  spoken: string;
  /** For `when` clauses of menus. */
  context: LineContext;
}
