import { language, plural, t, wordsOf } from "../../l10n/text.ts";
import { formatClock } from "../../protocol/duration.ts";
import type { Asked } from "../../protocol/report-page.ts";
import type { Snapshot, Step } from "../../protocol/snapshot.ts";
import { h } from "../dom.ts";
import { createSection } from "../section.ts";

type Setting = Asked["steps"][number]["settings"][number];

/** What was run, when, by what and from where, and the command that runs the same again. */
export function createAsked(snapshot: Snapshot, asked: Asked | undefined): HTMLElement {
  const isOfSeveral = snapshot.steps.length > 1;
  const steps = snapshot.steps.map((step) => {
    const settings = asked?.steps.find(({ name }) => name === step.name)?.settings ?? [];
    return createStep(step, settings, isOfSeveral);
  });
  const section = createSection(
    t("What was run"),
    "",
    createFacts(snapshot, asked),
    ...steps.filter((node) => node !== undefined),
    ...(asked?.repeat ? [createRepeat(asked.repeat)] : []),
  );
  section.node.classList.add("asked");
  return section.node;
}

function createFacts({ run, elapsedMs }: Snapshot, asked: Asked | undefined): HTMLElement {
  const { deployment } = run;
  const facts: [string, (Node | string)[]][] = [
    [t("Run"), [h("code", {}, run.id)]],
    [t("Began"), [timeNode(run.createdAt)]],
    [t("Ended"), [timeNode(run.createdAt + elapsedMs), ` (${t("after {0}", formatClock(elapsedMs))})`]],
    [
      t("Deployment"),
      [deployment.host, ...(deployment.version ? [` · ${t("Coder {0}", deployment.version)}`] : [])],
    ],
    [t("Load from"), [run.host]],
  ];
  if (deployment.user) facts.push([t("Signed in as"), [deployment.user]]);
  if (asked) facts.push([t("Tool"), [t("Scale Test for Coder {0}", asked.product)]]);
  return listOf(facts);
}

/** With its zone: a report is read elsewhere, too. */
function timeNode(at: number): HTMLElement {
  const date = new Date(at);
  const text = new Intl.DateTimeFormat(language(), { dateStyle: "medium", timeStyle: "long" }).format(date);
  return h("time", { datetime: date.toISOString() }, text);
}

/** Nothing where nothing is known of it. */
function createStep(step: Step, settings: readonly Setting[], isNamed: boolean): HTMLElement | undefined {
  const facts = (step.facts ?? []).map(({ label, value }): [string, string[]] => [
    capital(wordsOf(label)),
    [value],
  ]);
  const said = settings.filter(({ isDefault }) => !isDefault);
  const defaults = settings.filter(({ isDefault }) => isDefault);
  if (facts.length + settings.length === 0) return undefined;
  const node = h("div", { class: "asked-step" });
  if (isNamed) node.append(h("h3", {}, step.name, h("span", { class: "note" }, ` ${step.workload}`)));
  node.append(listOf([...facts, ...said.map(settingOf)]));
  if (defaults.length > 0)
    node.append(
      h(
        "details",
        { class: "defaults" },
        h(
          "summary",
          {},
          plural(defaults.length, {
            one: "{0} setting as it is by default",
            other: "{0} settings as they are by default",
          }),
        ),
        listOf(defaults.map(settingOf)),
      ),
    );
  return node;
}

function settingOf({ name, value, withheld }: Setting): [string, (Node | string)[]] {
  return [
    name,
    [withheld ? h("span", { class: "dim" }, t("not written down: it may be secret")) : h("code", {}, value)],
  ];
}

function createRepeat({ command, file, left }: NonNullable<Asked["repeat"]>): HTMLElement {
  const node = h("div", { class: "repeat" }, h("h3", {}, t("To run the same again")));
  if (left.length > 0) node.append(h("ul", {}, ...left.map((said) => h("li", {}, wordsOf(said)))));
  const words = command
    .split(/ (?=--)/)
    .flatMap((word, at) => [...(at > 0 ? [" "] : []), h("span", {}, word)]);
  node.append(h("pre", { class: "command", "aria-label": t("Command") }, ...words));
  if (file) node.append(h("p", { class: "note" }, file.name), h("pre", { class: "file" }, file.text));
  return node;
}

function listOf(facts: readonly (readonly [string, (Node | string)[]])[]): HTMLElement {
  return h(
    "dl",
    { class: "facts" },
    ...facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, ...value))),
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
