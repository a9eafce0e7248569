import { h, setAttribute, setHidden, setText } from "../dom.ts";

/** Rows of a table that say little: folded under one line that says how many they are. */
export function createFold(columns: number) {
  const words = h("span");
  const sign = h("span", { class: "sign", "aria-hidden": "true" }, "▸");
  const button = h("button", { type: "button", class: "icon fold", "aria-expanded": "false" }, sign, words);
  const cell = h("td", { colspan: String(columns) }, button);
  const head = h("tbody", {}, h("tr", {}, cell));
  const body = h("tbody");
  body.hidden = true;
  let isOpen = false;
  button.addEventListener("click", () => open(!isOpen));

  function open(shown: boolean): void {
    isOpen = shown;
    setAttribute(button, "aria-expanded", String(shown));
    setText(sign, shown ? "▾" : "▸");
    setHidden(body, !shown);
  }

  return {
    nodes: [head, body],
    open,
    /** None: the line is not there either. */
    update(rows: readonly HTMLElement[], text: string): void {
      setText(words, text);
      body.replaceChildren(...rows);
      setHidden(head, rows.length === 0);
      setHidden(body, rows.length === 0 || !isOpen);
    },
  };
}
