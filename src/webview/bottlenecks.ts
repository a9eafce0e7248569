import { formatCount, localFigure } from "../l10n/figures.ts";
import { listed, t, wordsOf } from "../l10n/text.ts";
import {
  type Bottleneck,
  type Bottlenecks,
  type Evidence,
  type NothingNamed,
  sayNothingNamed,
} from "../protocol/bottlenecks.ts";
import { formatClock } from "../protocol/duration.ts";
import type { PanelPlace } from "../protocol/panel.ts";
import type { ServerError } from "../protocol/server-error.ts";
import type { StepView } from "../protocol/steps.ts";
import { type Drawn, h, KeyedList, setAttribute, setHidden, setText } from "./dom.ts";
import { createDrills } from "./drills.ts";
import { createSection } from "./section.ts";

interface Shown extends Partial<Pick<StepView, "outcome" | "thresholds" | "answer">> {
  bottlenecks?: Bottlenecks | undefined;
}

/** What breaks first: the likeliest cause in full, the others to be opened. `look`: somebody wants to see when it began. */
export function createBottlenecks(look: (at: PanelPlace) => void) {
  const list = h("ol", { class: "bottlenecks" });
  const items = new KeyedList<Ranked>(
    list,
    ({ of }) => of.rule,
    () => createBottleneck(look),
  );
  const none = h("p", { class: "none" });
  const cannot = h("ul", { class: "cannot", "aria-label": t("What cannot be told") });
  const unknown = new KeyedList<{ without: string; titles: string[] }>(
    cannot,
    ({ without }) => without,
    createUnknown,
  );
  const logged = h("ul", { class: "logged", "aria-label": t("Errors in coderd's log") });
  const loggedLines = new KeyedList<ServerError>(
    logged,
    ({ text }) => text,
    () => createLogged(look),
  );
  const drills = createDrills(look);
  const title = t("What breaks first");
  const { node, note } = createSection(title, "", list, none, cannot, drills.node, logged);
  // Of a cause that is new, a screen reader hears at once; of its figures only where it looks.
  const spoken = h("p", { class: "hidden-text", role: "status" });
  node.append(spoken);
  node.hidden = true;

  function update({ bottlenecks, outcome, answer, thresholds = [] }: Shown): void {
    setHidden(node, bottlenecks === undefined);
    if (!bottlenecks) return;
    const { named, cannot_tell, felt, errors = [] } = bottlenecks;
    const [first] = named;
    setText(note, first ? t("by what users felt, and what the deployment says of itself") : "");
    items.update(named.map((of, at) => ({ of, rank: at + 1 })));
    setHidden(list, named.length === 0);
    setHidden(none, named.length > 0);
    setText(
      none,
      noneText({
        felt,
        isInvalid: outcome?.verdict === "invalid",
        holds: answer?.holds === "yes",
        thresholds: thresholds.map(({ expression }) => expression),
      }),
    );
    unknown.update(byWithout(cannot_tell));
    setHidden(cannot, cannot_tell.length === 0);
    drills.update(bottlenecks.drills);
    loggedLines.update(errors);
    setHidden(logged, errors.length === 0);
    setText(spoken, first ? t("What breaks first: {0}", wordsOf(first.title)) : "");
  }

  return { node, update };
}

/** "No bottleneck seen …", as the text of a run has it. */
function noneText(of: NothingNamed): string {
  const text = localFigure(wordsOf(sayNothingNamed(of)));
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function lineOf({ text }: Evidence): string {
  return localFigure(wordsOf(text));
}

/** What is wanting is said once, with all that cannot be told for want of it. */
function byWithout(all: Bottlenecks["cannot_tell"]): { without: string; titles: string[] }[] {
  const found = new Map<string, string[]>();
  for (const { without, title } of all) {
    const key = wordsOf(without);
    found.set(key, [...(found.get(key) ?? []), wordsOf(title)]);
  }
  return [...found].map(([without, titles]) => ({ without, titles }));
}

function createUnknown(): Drawn<{ without: string; titles: string[] }> {
  const node = h("li", {});
  return {
    node,
    update({ without, titles }) {
      setText(
        node,
        t("Cannot tell without {0}: {1}", without, listed(titles.map((title) => t("“{0}”", title)))),
      );
    },
  };
}

/** An error of coderd's log, which stands beside the cause and proves none. */
function createLogged(look: (at: PanelPlace) => void): Drawn<ServerError> {
  const count = h("span", {});
  const text = h("code", {});
  const first = h("button", { type: "button", class: "link" });
  const node = h("li", { class: "logged-line" }, count, text, first);
  let second = 0;
  first.addEventListener("click", () => look({ from: second, until: second + 2 }));
  return {
    node,
    update(error) {
      second = error.first;
      setText(count, t("coderd logged {0} ×", formatCount(error.count)));
      setText(text, error.text);
      setText(first, t("first at {0}", formatClock(second * 1_000)));
    },
  };
}

interface Ranked {
  of: Bottleneck;
  rank: number;
}

function createBottleneck(look: (at: PanelPlace) => void): Drawn<Ranked> {
  const rank = h("span", { class: "rank", "aria-hidden": "true" });
  const title = h("strong", {});
  const likely = h("span", { class: "likely" });
  const since = h("button", { type: "button", class: "link" });
  const because = h("ul", { class: "because", "aria-label": t("Because") });
  const lines = new KeyedList<Evidence>(
    because,
    ({ figure }) => figure,
    () => createLine("because"),
  );
  const counter = h("ul", { class: "counter", "aria-label": t("Against it") });
  const against = new KeyedList<Evidence>(
    counter,
    ({ figure }) => figure,
    () => createLine("counter"),
  );
  const remedy = h("span", {});
  const source = h("a", { target: "_blank", rel: "noreferrer noopener" }, t("read more"));
  const summary = h("summary", {}, rank, title, likely);
  const details = h(
    "details",
    {},
    summary,
    because,
    counter,
    h("p", { class: "remedy" }, remedy, " · ", source),
  );
  const node = h("li", {}, details, since);
  let second = 0;
  // A second is drawn where it ends.
  since.addEventListener("click", () => look({ from: second, until: second + 2 }));
  let isNew = true;
  return {
    node,
    update({ of, rank: at }) {
      // The first one is read at once; what somebody has opened or closed stays so.
      if (isNew) details.open = at === 1;
      isNew = false;
      setAttribute(node, "data-first", at === 1 ? "" : undefined);
      setText(rank, String(at));
      setText(title, wordsOf(of.title));
      setText(likely, likelyText(of.strength));
      second = of.since ?? 0;
      setHidden(since, of.since === null);
      setText(since, t("since {0}", formatClock(second * 1_000)));
      lines.update(of.because);
      against.update(of.counter);
      setHidden(counter, of.counter.length === 0);
      setText(remedy, t("Remedy: {0}", wordsOf(of.remedy)));
      setAttribute(source, "href", /^https:\/\//.test(of.source) ? of.source : undefined);
      setAttribute(source, "title", of.source);
      setAttribute(source, "aria-label", t("read more: {0}", wordsOf(of.remedy)));
    },
  };
}

function likelyText(strength: number): string {
  if (strength >= 0.75) return t("very likely");
  return strength >= 0.5 ? t("likely") : t("possible");
}

function createLine(kind: "because" | "counter"): Drawn<Evidence> {
  const sign = h("span", { class: "sign", "aria-hidden": "true" }, kind === "because" ? "+" : "−");
  const text = h("span", {});
  const node = h("li", {}, sign, text);
  return {
    node,
    update(line) {
      setText(text, lineOf(line));
      setAttribute(node, "title", line.figure);
    },
  };
}
