import { t, wordsOf } from "../../l10n/text.ts";
import type {
  FromSizingPage,
  Sizing,
  SizingField,
  SizingInput,
  SizingRow,
  ToSizingPage,
} from "../../protocol/sizing-page.ts";
import { h, setAttribute, setHidden, setText } from "../dom.ts";

const LABELS: Record<SizingField, string> = {
  users: t("Active users at the peak"),
  webShare: t("Of them, in the browser"),
  builds: t("Builds at the same time"),
  starts: t("Starts at nine o'clock"),
  window: t("Time over which they start"),
  buildP50: t("Half of the builds take"),
  buildP95: t("95 of 100 builds take"),
  provisioners: t("Provisioner daemons"),
  rules: t("Rules of"),
  workspaceCores: t("A workspace's cores"),
  workspaceMemory: t("A workspace's GB"),
  nodeCores: t("A node's cores"),
  nodeMemory: t("A node's GB"),
};
const CHOICES: { [K in SizingField]?: { value: string; label: string }[] } = {
  provisioners: [
    { value: "external", label: t("beside coderd") },
    { value: "integrated", label: t("in coderd") },
  ],
  rules: [
    { value: "2026", label: "2026" },
    { value: "2023", label: "2023" },
  ],
};
const BY_THE_RULES: readonly SizingField[] = ["builds", "starts"];

type Box = HTMLInputElement | HTMLSelectElement;

/** What a deployment needs: boxes, and a table that is made anew with each key. */
export class SizingPage {
  readonly #post: (message: FromSizingPage) => void;
  readonly #boxes = new Map<SizingField, { box: Box; problem: HTMLElement }>();
  readonly #form = h("form", { class: "sizing-form", "aria-label": t("What is to be carried") });
  readonly #deployment = h("select", { id: "deployment" });
  readonly #compared = h("div", { class: "box" });
  readonly #unknown = h("p", { class: "problem", role: "status" });
  readonly #headline = h("p", { class: "headline", role: "status" });
  readonly #body = h("tbody");
  readonly #table: HTMLElement;
  readonly #notes = h("ul", { class: "notes" });
  #request = 0;

  constructor(root: HTMLElement, post: (message: FromSizingPage) => void) {
    this.#post = post;
    const head = [t("What"), t("Needed"), t("It has"), t("Because")].map((text) =>
      h("th", { scope: "col" }, text),
    );
    this.#table = h("table", {}, h("thead", {}, h("tr", {}, ...head)), this.#body);
    this.#compared.append(h("label", { for: "deployment" }, t("Compare with")), this.#deployment);
    this.#compared.hidden = true;
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    this.#form.addEventListener("input", () => this.#ask());
    const explained = t(
      "By the sizing rules that Coder has published: a place to begin, which a test proves.",
    );
    root.append(
      h(
        "main",
        { class: "sizing" },
        h("h1", {}, t("Plan a deployment")),
        h("p", { class: "note" }, explained),
        this.#form,
        this.#unknown,
        this.#headline,
        this.#table,
        this.#notes,
      ),
    );
  }

  receive(message: ToSizingPage): void {
    if (message.type === "begin") this.#begin(message.input, message.deployments);
    // Of what was typed before, nothing is shown any more.
    else if (message.request === this.#request) this.#draw(message);
  }

  #begin(input: SizingInput, deployments: readonly { url: string; host: string }[]): void {
    this.#form.replaceChildren();
    for (const field of Object.keys(LABELS) as SizingField[])
      this.#form.append(this.#box(field, input[field]));
    this.#deployment.replaceChildren(
      h("option", { value: "" }, t("nothing")),
      ...deployments.map(({ url, host }) => h("option", { value: url }, host)),
    );
    const [only] = deployments;
    this.#deployment.value = only?.url ?? "";
    setHidden(this.#compared, !only);
    this.#form.append(this.#compared);
    this.#ask();
  }

  #box(field: SizingField, value: string): HTMLElement {
    const choices = CHOICES[field];
    const box: Box = choices
      ? h("select", { id: field }, ...choices.map((one) => h("option", { value: one.value }, one.label)))
      : h("input", { id: field, type: "text", spellcheck: "false", "aria-describedby": `${field}-problem` });
    if (BY_THE_RULES.includes(field)) setAttribute(box, "placeholder", t("by the rules"));
    box.value = value;
    const problem = h("span", { class: "problem", id: `${field}-problem` });
    this.#boxes.set(field, { box, problem });
    return h("div", { class: "box" }, h("label", { for: field }, LABELS[field]), box, problem);
  }

  #ask(): void {
    const values = Object.fromEntries([...this.#boxes].map(([field, { box }]) => [field, box.value]));
    const url = this.#deployment.value;
    this.#post({
      ...{ type: "input", request: ++this.#request, input: values as SizingInput },
      ...(url ? { url } : {}),
    });
  }

  #draw({ problems, headline, rows, notes, deployment }: Sizing): void {
    for (const [field, { box, problem }] of this.#boxes) {
      const wrong = problems[field];
      setText(problem, wrong ? wordsOf(wrong) : "");
      setAttribute(box, "aria-invalid", wrong ? "true" : undefined);
    }
    setText(this.#unknown, deployment ? wordsOf(deployment) : "");
    // With a mistake in a box, the last answer stays, and is marked as one of before.
    setAttribute(this.#table, "data-old", rows.length === 0 ? "" : undefined);
    if (rows.length === 0) return;
    setText(this.#headline, headline ? wordsOf(headline) : "");
    this.#body.replaceChildren(...rows.map(rowOf));
    this.#notes.replaceChildren(...notes.map((note) => h("li", {}, wordsOf(note))));
  }
}

function rowOf({ what, needs, has, isShort, because }: SizingRow): HTMLElement {
  const found = has ? wordsOf(has) : "–";
  const cell = h("td", {}, isShort ? `✕ ${t("{0}: too few", found)}` : has ? `✓ ${found}` : found);
  if (isShort) setAttribute(cell, "data-tone", "bad");
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, wordsOf(what)),
    h("td", { class: "needs" }, wordsOf(needs)),
    cell,
    h("td", { class: "because" }, wordsOf(because)),
  );
}
