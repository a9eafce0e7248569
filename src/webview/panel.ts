import { t, wordsOf } from "../l10n/text.ts";
import type { PanelPlace, PanelTarget, ToPanel } from "../protocol/panel.ts";
import type { Sample, Snapshot } from "../protocol/snapshot.ts";
import { type StepView, viewOf } from "../protocol/steps.ts";
import type { Message } from "../text/message.ts";
import { createAnswer } from "./answer.ts";
import { type Connection, createBanner } from "./banner.ts";
import { createBaseline } from "./baseline.ts";
import { createCards } from "./cards/cards.ts";
import { cardsOf } from "./cards/described.ts";
import { Charts } from "./charts/charts.ts";
import { onThemeChange } from "./charts/palette.ts";
import { createValidity } from "./charts/validity.ts";
import { Details } from "./details.ts";
import { h, setHidden, setText } from "./dom.ts";
import { createHeader } from "./header.ts";
import { Keeper } from "./kept.ts";
import { createLimit } from "./limit/section.ts";
import { DescribedOnce } from "./model/described.ts";
import { createNotice } from "./notice.ts";
import type { Port } from "./port.ts";
import { createRibbon } from "./ribbon/ribbon.ts";
import { createStepper } from "./stepper.ts";
import { createThresholds, type Seconds } from "./thresholds.ts";
import { TimeAxis } from "./time/time-axis.ts";
import { createZoomBar } from "./time/zoom-bar.ts";

/** Seconds of a step that are kept: two hours, of which the first is forgotten when they are full. */
const MOST_SECONDS = 7_200;
/** Shown before and behind a part of the time that is looked at. */
const AROUND_S = 5;
/** A place that is scrolled to is kept when the scrolling has come to rest. */
const REST_MS = 200;

/** The live panel of one run. It draws what it is told and asks for pages of the table; it knows no more. */
export class Panel {
  readonly #keeper: Keeper;
  readonly #header: ReturnType<typeof createHeader>;
  readonly #answer = createAnswer();
  readonly #banner: ReturnType<typeof createBanner>;
  readonly #waiting = h("p", { class: "waiting", role: "status" }, t("Connecting to the run…"));
  readonly #notice = createNotice();
  readonly #begun = h("div", { class: "begun" });
  readonly #checking = h("p", { class: "empty" });
  readonly #warnings = h("ul", { class: "warnings", "aria-label": t("Warnings") });
  readonly #stepper = createStepper();
  readonly #ribbon: ReturnType<typeof createRibbon>;
  readonly #samples = new Map<string, Sample[]>();
  readonly #cards = createCards();
  readonly #thresholds = createThresholds((at) => this.#look(at));
  readonly #baseline = createBaseline();
  readonly #limit = createLimit((at) => this.#look(at));
  readonly #axis = new TimeAxis();
  readonly #zoomBar = createZoomBar(this.#axis);
  readonly #charts = new Charts(this.#axis);
  readonly #validity = createValidity();
  readonly #details: Details;
  readonly #content = h("main");
  readonly #descriptions = new DescribedOnce();
  #connection: Connection = { state: "connecting" };
  #snapshot: Snapshot | undefined;
  /** The step that somebody has chosen; undefined: the one in focus. */
  #step: string | undefined;
  /** The step whose seconds the charts have. */
  #charted: string | undefined;
  #place: number | undefined;

  constructor(root: HTMLElement, port: Port) {
    this.#keeper = new Keeper(port);
    this.#header = createHeader(port);
    this.#banner = createBanner(port);
    this.#ribbon = createRibbon(this.#axis, (step) => this.#choose(step));
    this.#step = this.#keeper.first.step;
    this.#place = this.#keeper.first.scrollY;
    this.#axis.zoomTo(this.#keeper.first.zoom);
    this.#details = new Details(port, this.#axis, this.#keeper, (at) => this.#look(at));
    this.#begun.append(
      this.#cards.node,
      this.#zoomBar.node,
      this.#validity.node,
      this.#ribbon.node,
      this.#charts.node,
    );
    this.#content.append(
      this.#header.node,
      this.#answer.node,
      this.#banner.node,
      this.#thresholds.node,
      this.#stepper.node,
      this.#limit.node,
      this.#checking,
      this.#begun,
      this.#baseline.node,
      this.#warnings,
      this.#details.node,
    );
    this.#content.hidden = true;
    root.append(this.#waiting, this.#content, this.#notice.node);
    onThemeChange(() => this.#charts.paint());
    this.#axis.onPoint(() => this.#validity.point(this.#charts.leftOut()));
    this.#axis.onZoom(() => this.#keeper.keep({ zoom: this.#axis.zoom }));
    this.#keepPlace();
  }

  receive(message: ToPanel): void {
    switch (message.type) {
      case "connection":
        this.#connection = message;
        this.#draw();
        break;
      case "snapshot":
        if (this.#snapshot?.run.id !== message.snapshot.run.id)
          this.#keeper.keep({ runId: message.snapshot.run.id });
        this.#snapshot = message.snapshot;
        this.#draw();
        if (!this.#details.awaitsRows) this.#goBack();
        break;
      case "series":
        this.#replace(message.samples);
        // Some of the figures are of the seconds.
        this.#draw();
        break;
      case "sample":
        this.#add(message.sample);
        break;
      case "page":
        this.#details.receive(message.request, message.page);
        this.#goBack();
        break;
      case "look":
        this.#show(message.at);
        break;
      case "asked":
        this.#details.take(message.rows);
        break;
      case "notice":
        this.#notice.show(message.level, message.text);
        break;
    }
  }

  #replace(samples: readonly Sample[]): void {
    this.#samples.clear();
    for (const sample of samples) this.#samplesOf(sample.step).push(sample);
    this.#charts.replace(this.#samplesOf(this.#charted ?? samples[0]?.step ?? ""));
  }

  #add(sample: Sample): void {
    const known = this.#samplesOf(sample.step);
    // The series that was asked for and the first samples sent by themselves may overlap.
    if (sample.second <= (known.at(-1)?.second ?? -1)) return;
    known.push(sample);
    if (known.length > MOST_SECONDS) known.splice(0, MOST_SECONDS / 2);
    if (sample.step === (this.#charted ?? sample.step)) this.#charts.added();
  }

  #samplesOf(step: string): Sample[] {
    const known = this.#samples.get(step) ?? [];
    this.#samples.set(step, known);
    return known;
  }

  /** Shows one of several steps from now on. */
  #choose(step: string): void {
    this.#step = step;
    this.#keeper.keep({ step });
    this.#draw();
  }

  #show(target: PanelTarget): void {
    if (target.step !== undefined) this.#chooseKnown(target.step);
    if ("workspace" in target) this.#details.showWorkspace(target.workspace);
    else if ("failure" in target) this.#details.showFailure(target.failure);
    else this.#look(target);
  }

  #chooseKnown(step: string): void {
    if (this.#snapshot?.steps.some(({ name }) => name === step)) this.#choose(step);
  }

  /** Shows a part of the time with some of what is around it, and points at its middle. */
  #look({ step, from, until }: PanelPlace): void {
    if (step !== undefined) this.#chooseKnown(step);
    const around = Math.max(AROUND_S, until - from);
    this.#axis.zoomTo({ min: Math.max(0, from - around), max: until + around });
    this.#axis.point((from + until) / 2, this);
    this.#charts.node.scrollIntoView({ block: "center" });
  }

  #keepPlace(): void {
    let rest: ReturnType<typeof setTimeout> | undefined;
    window.addEventListener("scroll", () => {
      clearTimeout(rest);
      rest = setTimeout(() => this.#keeper.keep({ scrollY: window.scrollY }), REST_MS);
    });
  }

  /** To the place that was looked at before, once the panel is as long as it was: with its first rows. */
  #goBack(): void {
    const place = this.#place;
    this.#place = undefined;
    if (place) window.scrollTo({ top: place, behavior: "instant" });
  }

  #draw(): void {
    const snapshot = this.#snapshot && viewOf(this.#snapshot, this.#step);
    this.#banner.update(this.#connection, snapshot);
    setText(this.#waiting, waitingText(this.#connection));
    setHidden(this.#waiting, snapshot !== undefined);
    setHidden(this.#content, snapshot === undefined);
    if (!snapshot) return;
    const attached = this.#connection.state === "attached" || this.#connection.state === "silent";
    this.#header.update(snapshot, attached);
    this.#answer.update(snapshot);
    this.#stepper.update(snapshot.stages);
    // What steps do, the ribbon says.
    setHidden(this.#stepper.node, snapshot.steps.length > 1 && snapshot.state === "running");
    this.#axis.extend(snapshot.elapsedMs / 1_000);
    this.#chart(snapshot.name);
    this.#thresholds.update(snapshot, (step) => this.#secondsOf(snapshot, step));
    this.#baseline.update(snapshot);
    this.#limit.update(snapshot);
    this.#drawWarnings(snapshot.warnings);
    this.#drawBegun(snapshot, attached);
  }

  /** Of the step that is shown. */
  #secondsOf(view: StepView, step = view.name): Seconds | undefined {
    if (step !== view.name) return undefined;
    return { described: this.#descriptions.of(view.description), samples: this.#samples.get(step) ?? [] };
  }

  /** The charts are of one step's seconds. */
  #chart(step: string): void {
    if (this.#charted === step) return;
    this.#charted = step;
    this.#charts.replace(this.#samplesOf(step));
  }

  /** Before anything has begun there is nothing to be drawn; a refused run never comes further. */
  #drawBegun(snapshot: StepView, attached: boolean): void {
    const begun = snapshot.counts.total > 0;
    setHidden(this.#checking, begun || snapshot.outcome !== null);
    setText(
      this.#checking,
      t("Nothing has started yet: checking the sign-in, the template and this machine."),
    );
    const described = this.#descriptions.of(snapshot.description);
    setHidden(this.#begun, !begun);
    this.#details.update({ view: snapshot, described, attached, begun });
    if (!begun) return;
    this.#charts.update(described, snapshot);
    this.#ribbon.update(snapshot, this.#charts.samples);
    this.#validity.update(snapshot.validity, this.#charts.hasLeftOut);
    this.#cards.update(cardsOf(snapshot, described, this.#charts.samples));
  }

  #drawWarnings(told: readonly Message[]): void {
    const warnings = told.map(wordsOf);
    setHidden(this.#warnings, warnings.length === 0);
    if (this.#warnings.textContent === warnings.join("")) return;
    this.#warnings.replaceChildren(...warnings.map((warning) => h("li", {}, warning)));
  }
}

function waitingText({ state, message }: Connection): string {
  const texts = {
    connecting: t("Connecting to the run…"),
    attached: t("Waiting for the run's first figures…"),
    silent: t("The runner does not answer."),
    lost: t("The connection to the run is lost."),
    closed: t("The run is gone."),
  };
  return message ? `${texts[state]} ${message}` : texts[state];
}
