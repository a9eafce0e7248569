/** How a line of a tree looks, without the editor in it. */
export interface TreeLine {
  label: string;
  description: string;
  tooltip: string;
  /** What a screen reader says. */
  spoken: string;
  icon: string;
  /** Id of a theme colour for the icon. */
  colour?: string;
  /** For `when` clauses of menus. */
  context: string;
}
