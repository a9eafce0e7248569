import { t } from "../../l10n/text.ts";
import type { WorkspacesPage } from "../../protocol/messages.ts";
import type { WorkspaceRow } from "../../protocol/snapshot.ts";
import type { StepView } from "../../protocol/steps.ts";
import { h, setHidden, setText } from "../dom.ts";
import { buildPage } from "../failures/build-page.ts";
import type { Keeper } from "../kept.ts";
import type { Lookup } from "../lookup.ts";
import type { Described } from "../model/described.ts";
import type { RunTime } from "../model/life.ts";
import { usualTimes } from "../model/slow.ts";
import { isEnded } from "../model/states.ts";
import type { Port } from "../port.ts";
import { createSection } from "../section.ts";
import type { TimeAxis } from "../time/time-axis.ts";
import { Waterfall } from "../waterfall/waterfall.ts";
import { createDetail } from "./detail.ts";
import { FIRST_QUERY, isSameQuery, sortedBy, type TableQuery, tableQuerySchema } from "./query.ts";
import { type Range, Rows } from "./rows.ts";
import { createTable, tableNote } from "./table.ts";

/** Rows are asked for at most so often while a run changes them. */
const REFRESH_MS = 1_000;

/** The workspaces as a waterfall of phases and as a table, of one filter, and the details of the chosen one. */
export class Workspaces {
  readonly node: HTMLElement;
  readonly #section: ReturnType<typeof createSection>;
  readonly #table: ReturnType<typeof createTable>;
  readonly #waterfall: Waterfall;
  readonly #detail: ReturnType<typeof createDetail>;
  readonly #filter = h("input", {
    type: "search",
    placeholder: t("Filter by name or error"),
    size: String(Math.max(20, t("Filter by name or error").length)),
    "aria-label": t("Filter workspaces"),
  });
  readonly #state = h(
    "select",
    { "aria-label": t("Show workspaces in state") },
    h("option", { value: "" }, t("any state")),
  );
  readonly #rows: Rows;
  readonly #keeper: Keeper;
  #query: TableQuery;
  #time: RunTime | undefined;
  #phases: StepView["phases"] = [];
  #live = false;
  #selected: number | undefined;
  #chosen: WorkspaceRow | undefined;
  #awaited = false;
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #all = 0;
  /** The step that is shown, of a run of several. */
  #step: string | undefined;
  #settled = false;
  #frame = 0;
  readonly #lookup: Lookup;
  /** The run as it was last told. */
  #view: StepView | undefined;

  constructor(port: Port, axis: TimeAxis, keeper: Keeper, lookup: Lookup) {
    this.#lookup = lookup;
    const { query, chosen } = keeper.first;
    this.#query = query;
    this.#keeper = keeper;
    this.#selected = chosen?.position;
    this.#awaited = chosen !== undefined;
    this.#rows = new Rows(
      query,
      (request, query) =>
        port.post({ type: "page", request, query: this.#step ? { ...query, step: this.#step } : query }),
      () => this.#arrived(),
    );
    this.#detail = createDetail(port, () => this.#close());
    this.#table = createTable({
      sort: (by, largestFirst) => this.#ask(sortedBy(this.#query, by, largestFirst)),
      select: (position) => this.#select(position),
      close: () => this.#close(),
    });
    this.#waterfall = new Waterfall(axis, {
      select: (position) => this.#select(position),
      close: () => this.#close(),
      scrolled: () => this.#scrolled(),
    });
    const body = h(
      "div",
      { class: "table-and-detail" },
      h("div", { class: "table-side" }, this.#waterfall.node, this.#table.node, this.#table.empty),
      this.#detail.node,
    );
    this.#section = createSection(t("Workspaces"), "", body);
    this.#section.aside.append(this.#filter, this.#state);
    this.node = this.#section.node;
    this.#listen();
  }

  /** The workspace of this name is looked for, shown among the others, and chosen. */
  show(name: string): void {
    this.node.scrollIntoView({ block: "nearest" });
    this.#table.node.focus({ preventScroll: true });
    this.#lookup.ask(name, this.#step === undefined ? {} : { step: this.#step }, (row) => {
      if (!row) return;
      this.#chosen = row;
      // Where it is in the table is known of the table as it is at first: all rows, by their number.
      if (!isSameQuery(this.#query, FIRST_QUERY)) this.#setQuery(FIRST_QUERY);
      this.#select(row.index);
    });
  }

  /** Only what failed of this cause. */
  showFailed(text: string): void {
    this.#setQuery({ ...FIRST_QUERY, filter: text, state: "failed" });
    this.node.scrollIntoView({ block: "nearest" });
    this.#table.node.focus({ preventScroll: true });
  }

  #setQuery(query: TableQuery): void {
    this.#filter.value = query.filter;
    this.#state.value = query.state ?? "";
    this.#ask(query);
  }

  update(snapshot: StepView, described: Described, attached: boolean, now: number): void {
    const step = snapshot.steps.length > 1 ? snapshot.name : undefined;
    if (step !== this.#step) this.#show(step);
    if (described !== this.#time?.described) this.#describe(described);
    this.#view = snapshot;
    this.#live = attached && !isEnded(snapshot);
    this.#phases = snapshot.phases;
    this.#all = snapshot.counts.total;
    this.#time = { elapsedMs: snapshot.elapsedMs, described, usual: usualTimes(snapshot.usual) };
    const ended = isEnded(snapshot);
    // Once more after the end: the last rows changed after they were last asked for.
    if (!(this.#settled && ended) && (now - this.#refreshedAt >= REFRESH_MS || ended)) {
      this.#refreshedAt = now;
      this.#settled = ended;
      this.#rows.refresh(this.#visible());
    }
    this.#draw();
  }

  /** Rows of another step from now on. */
  #show(step: string | undefined): void {
    this.#step = step;
    this.#settled = false;
    this.#forget();
    this.#rows.setQuery(this.#query);
    this.#rows.want({ first: 0, end: 1 });
  }

  get #hasWaterfall(): boolean {
    return this.#time?.described.description.waterfall ?? false;
  }

  /** Takes the states and columns of the run. */
  #describe(described: Described): void {
    this.#table.describe(described);
    const { states } = described;
    const [any] = this.#state.options;
    const options = states.all.map(({ id }) => h("option", { value: id }, states.label(id)));
    this.#state.replaceChildren(...(any ? [any] : []), ...options);
    const { state } = this.#query;
    // A filter that was kept of a run with other states would show nothing.
    if (state !== undefined && !states.has(state)) this.#ask({ ...this.#query, state: undefined });
    this.#state.value = this.#query.state ?? "";
  }

  /** What is in sight, in the table and in the waterfall. */
  #visible(): Range[] {
    return [this.#table.visible(), ...(this.#hasWaterfall ? [this.#waterfall.visible()] : [])];
  }

  receive(request: number, page: WorkspacesPage): void {
    this.#rows.receive(request, page);
  }

  #listen(): void {
    this.#filter.value = this.#query.filter;
    let typing: ReturnType<typeof setTimeout> | undefined;
    this.#filter.addEventListener("input", () => {
      clearTimeout(typing);
      typing = setTimeout(() => this.#ask({ ...this.#query, filter: this.#filter.value.trim() }), 150);
    });
    this.#state.addEventListener("change", () => {
      const state = tableQuerySchema.shape.state.safeParse(this.#state.value || undefined).data;
      this.#ask({ ...this.#query, state });
    });
    this.#table.node.addEventListener("scroll", () => this.#scrolled());
  }

  #scrolled(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      for (const range of this.#visible()) this.#rows.want(range);
      this.#draw();
    });
  }

  #ask(query: TableQuery): void {
    this.#query = query;
    this.#selected = undefined;
    this.#keeper.keep({ query });
    this.#rows.setQuery(query);
    this.#table.toTop();
    this.#rows.want({ first: 0, end: 1 });
    this.#draw();
  }

  #select(position: number): void {
    this.#selected = position;
    const row = this.#rows.at(position);
    // A row far away is still to come: until then, the details of the one before stay.
    this.#awaited = row === undefined;
    this.#chosen = row ?? this.#chosen;
    if (row) this.#keeper.keep({ chosen: { position, name: row.name } });
    this.#table.reveal(position);
    this.#waterfall.reveal(position);
    this.#draw();
  }

  #forget(): void {
    this.#selected = undefined;
    this.#chosen = undefined;
    this.#awaited = false;
    this.#keeper.keep({ chosen: undefined });
  }

  #close(): void {
    this.#forget();
    this.#draw();
    // The button that was used is gone; whoever came by keys of the waterfall stays there.
    if (!this.#waterfall.node.contains(document.activeElement))
      this.#table.node.focus({ preventScroll: true });
  }

  #arrived(): void {
    if (this.#awaited && this.#selected !== undefined) this.#selectAwaited(this.#selected);
    else this.#follow();
    this.#draw();
  }

  /** Of a panel that comes back, the line may be another workspace's by now: then nothing is chosen. */
  #selectAwaited(position: number): void {
    const { chosen } = this.#keeper.first;
    const row = this.#rows.at(position);
    const isOther = this.#chosen === undefined && chosen?.position === position && row?.name !== chosen.name;
    if (row && isOther) this.#forget();
    else if (row) this.#select(position);
    else this.#rows.want({ first: position, end: position + 1 });
  }

  /** The chosen workspace may have moved to another line since, where the table is sorted by what changes. */
  #follow(): void {
    const chosen = this.#chosen;
    if (!chosen) return;
    for (const { first, end } of this.#visible()) {
      for (let position = first; position < end; position++) {
        const row = this.#rows.at(position);
        if (row?.index === chosen.index) {
          this.#chosen = row;
          this.#selected = position;
          return;
        }
      }
    }
    const there = this.#selected === undefined ? undefined : this.#rows.at(this.#selected);
    if (there) this.#selected = undefined;
  }

  #draw(): void {
    setText(this.#section.note, tableNote(this.#rows.total, this.#all));
    const time = this.#time;
    if (!time) return;
    this.#table.draw(this.#rows, this.#query, time, this.#selected);
    if (this.#hasWaterfall) this.#waterfall.update(this.#rows, time, this.#phases, this.#selected);
    else setHidden(this.#waterfall.node, true);
    const page = this.#view && this.#chosen && buildPage(this.#view, this.#chosen);
    this.#detail.draw(this.#chosen, time, { live: this.#live, page });
  }
}
