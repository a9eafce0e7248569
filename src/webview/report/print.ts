/**
 * On paper, the page is as wide as A4 less its margins, light whatever the reader's theme, and what is folded is open, but for what holds by default anyway.
 * Called before and after, so that what is drawn on a canvas can be drawn anew. Both ways are needed: a dialog tells
 * of itself by events, and what prints without one by the query.
 */
export function onPrint(redraw: () => void): void {
  const paper = matchMedia("print");
  let opened: HTMLDetailsElement[] = [];

  function turn(isPrinting: boolean): void {
    const root = document.documentElement;
    if (root.classList.contains("printing") === isPrinting) return;
    root.classList.toggle("printing", isPrinting);
    if (isPrinting)
      opened = [...document.querySelectorAll<HTMLDetailsElement>("details:not([open], .defaults)")];
    for (const details of opened) details.open = isPrinting;
    if (!isPrinting) opened = [];
    redraw();
  }

  paper.addEventListener("change", () => turn(paper.matches));
  addEventListener("beforeprint", () => turn(true));
  addEventListener("afterprint", () => turn(false));
  turn(paper.matches);
}
