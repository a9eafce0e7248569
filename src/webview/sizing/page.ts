import { t, wordsOf } from "../../l10n/text.ts";
import type {
  FromSizingPage,
  MeasuredChoice,
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
/** What stands in a box that is empty. */
const WITHOUT: { [K in SizingField]?: string } = {
  builds: t("by the rules"),
  starts: t("by the rules"),
  buildP50: t("as the run, else 1m"),
  buildP95: t("as the run, else 3 times that"),
};

type Box = HTMLInputElement | HTMLSelectElement;

/** What a deployment needs: boxes, and a table that is made anew with each key. */
export class SizingPage {
  readonly #post: (message: FromSizingPage) => void;
  readonly #boxes = new Map<SizingField, { box: Box; problem: HTMLElement }>();
  readonly #form = h("form", { class: "sizing-form", "aria-label": t("What is to be carried") });
  readonly #deployment = h("select", { id: "deployment" });
  readonly #compared = h("div", { class: "box" });
  readonly #measured = h("select", { id: "measured" });
  readonly #calibrated = h("div", { class: "box" });
  readonly #peak = h("input", { id: "peak", type: "checkbox" });
  readonly #peaked = h("div", { class: "box check" });
  readonly #unknown = h("p", { class: "problem", role: "status" });
  readonly #headline = h("p", { class: "headline", role: "status" });
  readonly #week = h("ul", { class: "notes week", "aria-label": t("The last 7 days") });
  readonly #body = h("tbody");
  readonly #table: HTMLElement;
  readonly #byRun = h("th", { scope: "col" }, t("By the run"));
  #deployments: Deployments = [];
  /** The run that a person plans from, which may be of a deployment that nobody is signed in to. */
  #from: MeasuredChoice | undefined;
  #runs: readonly MeasuredChoice[] = [];
  readonly #notes = h("ul", { class: "notes" });
  #request = 0;

  constructor(root: HTMLElement, post: (message: FromSizingPage) => void) {
    this.#post = post;
    const column = (text: string) => h("th", { scope: "col" }, text);
    const [what, byRules, has, because] = [t("What"), t("By the rules"), t("It has"), t("Because")];
    const head = [column(what), column(byRules), this.#byRun, column(has), column(because)];
    this.#table = h("table", {}, h("thead", {}, h("tr", {}, ...head)), this.#body);
    this.#compared.append(h("label", { for: "deployment" }, t("Compare with")), this.#deployment);
    this.#calibrated.append(h("label", { for: "measured" }, t("Calibrate by")), this.#measured);
    this.#peaked.append(
      this.#peak,
      h("label", { for: "peak" }, t("For the highest of the last 7 days, by Prometheus")),
    );
    for (const box of [this.#compared, this.#calibrated, this.#peaked, this.#byRun]) box.hidden = true;
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
        this.#week,
        this.#table,
        this.#notes,
      ),
    );
  }

  receive(message: ToSizingPage): void {
    if (message.type === "begin") this.#begin(message.input, message.deployments);
    else if (message.type === "from") this.#planFrom(message.run, message.url);
    // Of what was typed before, nothing is shown any more.
    else if (message.request === this.#request) this.#draw(message);
  }

  #begin(input: SizingInput, deployments: Deployments): void {
    this.#deployments = deployments;
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
    this.#form.append(this.#compared, this.#calibrated, this.#peaked);
    this.#ask();
  }

  /** Beside its deployment, where that is one of those that can be compared with. */
  #planFrom(run: MeasuredChoice, url: string): void {
    this.#from = run;
    const origin = new URL(url).origin;
    const own = this.#deployments.find((one) => new URL(one.url).origin === origin);
    this.#deployment.value = own?.url ?? "";
    this.#offer([]);
    this.#measured.value = run.id;
    this.#ask();
  }

  /** Which runs there are to calibrate by. Returns whether the one that is chosen still is. */
  #offer(runs: readonly MeasuredChoice[]): boolean {
    const from = this.#from;
    const all = from && !runs.some(({ id }) => id === from.id) ? [from, ...runs] : runs;
    setHidden(this.#calibrated, all.length === 0);
    if (JSON.stringify(all) === JSON.stringify(this.#runs)) return true;
    this.#runs = all;
    const chosen = this.#measured.value;
    this.#measured.replaceChildren(
      h("option", { value: "" }, t("the rules alone")),
      ...all.map(({ id, label }) => h("option", { value: id }, label)),
    );
    const isThere = chosen === "" || all.some(({ id }) => id === chosen);
    this.#measured.value = isThere ? chosen : "";
    return isThere;
  }

  #box(field: SizingField, value: string): HTMLElement {
    const choices = CHOICES[field];
    const box: Box = choices
      ? h("select", { id: field }, ...choices.map((one) => h("option", { value: one.value }, one.label)))
      : h("input", { id: field, type: "text", spellcheck: "false", "aria-describedby": `${field}-problem` });
    setAttribute(box, "placeholder", WITHOUT[field]);
    box.value = value;
    const problem = h("span", { class: "problem", id: `${field}-problem` });
    this.#boxes.set(field, { box, problem });
    return h("div", { class: "box" }, h("label", { for: field }, LABELS[field]), box, problem);
  }

  #ask(): void {
    const values = Object.fromEntries([...this.#boxes].map(([field, { box }]) => [field, box.value]));
    const url = this.#deployment.value;
    const hasPeak = this.#deployments.some((one) => one.url === url && one.hasPeak);
    setHidden(this.#peaked, !hasPeak);
    this.#post({
      ...{ type: "input", request: ++this.#request, input: values as SizingInput },
      ...(url ? { url } : {}),
      ...(this.#measured.value ? { measured: this.#measured.value } : {}),
      ...(hasPeak && this.#peak.checked ? { peak: true } : {}),
    });
  }

  /** While the peak is what is planned for, the box shows it. */
  #takePeak(peak: Sizing["peak"]): void {
    const { box } = this.#boxes.get("users") ?? {};
    if (!box) return;
    const isTaken = peak?.users !== undefined;
    box.toggleAttribute("disabled", isTaken);
    if (peak?.users !== undefined) box.value = peak.users;
  }

  #draw({ problems, headline, rows, notes, deployment, runs, peak, ...more }: Sizing): void {
    if (!this.#offer(runs)) return this.#ask();
    this.#takePeak(peak);
    for (const [field, { box, problem }] of this.#boxes) {
      const wrong = problems[field];
      setText(problem, wrong ? wordsOf(wrong) : "");
      setAttribute(box, "aria-invalid", wrong ? "true" : undefined);
    }
    const unknown = [deployment, more.peakProblem, more.measuredProblem].flatMap((one) => one ?? []);
    setText(this.#unknown, unknown.map(wordsOf).join(". "));
    // With a mistake in a box, the last answer stays, and is marked as one of before.
    setAttribute(this.#table, "data-old", rows.length === 0 ? "" : undefined);
    if (rows.length === 0) return;
    setText(this.#headline, headline ? wordsOf(headline) : "");
    const hasRun = rows.some(({ measured }) => measured !== undefined);
    setHidden(this.#byRun, !hasRun);
    this.#body.replaceChildren(...rows.map((row) => rowOf(row, hasRun)));
    this.#week.replaceChildren(...(peak?.lines ?? []).map((line) => h("li", {}, wordsOf(line))));
    this.#notes.replaceChildren(...notes.map((note) => h("li", {}, wordsOf(note))));
  }
}

type Deployments = Extract<ToSizingPage, { type: "begin" }>["deployments"];

function rowOf({ what, needs, measured, has, isShort, because }: SizingRow, hasRun: boolean): HTMLElement {
  const found = has ? wordsOf(has) : "–";
  const cell = h("td", {}, isShort ? `✕ ${t("{0}: too few", found)}` : has ? `✓ ${found}` : found);
  if (isShort) setAttribute(cell, "data-tone", "bad");
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, wordsOf(what)),
    h("td", { class: "needs" }, wordsOf(needs)),
    ...(hasRun ? [h("td", { class: "needs" }, measured ? wordsOf(measured) : "–")] : []),
    cell,
    h("td", { class: "because" }, wordsOf(because)),
  );
}
