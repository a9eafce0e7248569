import { formatDuration } from "../../l10n/figures.ts";
import { lookedUp, t } from "../../l10n/text.ts";
import type { Phase, WorkspaceRow } from "../../protocol/snapshot.ts";
import { onThemeChange, type Palette, readPalette } from "../charts/palette.ts";
import { type Drawn, h, KeyedList, setAttribute, setColour, setHidden, setText } from "../dom.ts";
import type { Described } from "../model/described.ts";
import type { RunTime } from "../model/life.ts";
import { geometryOf, revealed, rowAt, rowsInSight, spokenRow } from "../model/waterfall.ts";
import type { TimeAxis } from "../time/time-axis.ts";
import type { Range, Rows } from "../workspaces/rows.ts";
import { movedTo } from "../workspaces/table.ts";
import { FOOT, GUTTER, type Mark, paintWaterfall, RIGHT, secondsAt } from "./paint.ts";

export interface WaterfallActions {
  select(position: number): void;
  close(): void;
  /** Other rows have come into sight. */
  scrolled(): void;
}

/** Less than this is a click, not a mark. */
const DRAG_PX = 4;
const OPTION_ID = "waterfall-row";

/** Every workspace a line of the run's time, its phases coloured; only the lines in sight are ever drawn. */
export class Waterfall {
  readonly node: HTMLElement;
  readonly #axis: TimeAxis;
  readonly #actions: WaterfallActions;
  readonly #canvas = h("canvas", { "aria-hidden": "true" });
  readonly #sizer = h("div", { class: "spacer", role: "presentation" });
  readonly #option = h("div", { role: "option", class: "hidden-text", id: OPTION_ID });
  readonly #box: HTMLElement;
  readonly #who = h("span", { class: "who" });
  readonly #legend = h("div", { class: "legend" });
  readonly #legendItems = new KeyedList<LegendItem>(this.#legend, (item) => item.name, createLegendItem);
  #palette: Palette | undefined;
  #rows: Rows | undefined;
  #time: RunTime | undefined;
  #phases: readonly Phase[] = [];
  #selected: number | undefined;
  #hovered: number | undefined;
  #mark: Mark;
  #from: number | undefined;
  #frame = 0;
  /** As they were last told: to ask the document for them after a change of it costs a layout. */
  #width = 0;
  #scrollTop = 0;

  constructor(axis: TimeAxis, actions: WaterfallActions) {
    this.#axis = axis;
    this.#actions = actions;
    this.#box = h(
      "div",
      {
        class: "waterfall",
        role: "listbox",
        tabindex: "0",
        "aria-label": t(
          "Waterfall of phases. Arrow keys choose a workspace, plus and minus zoom, zero shows all of the time",
        ),
      },
      this.#canvas,
      this.#sizer,
      this.#option,
    );
    this.node = h(
      "div",
      { class: "waterfall-part" },
      this.#box,
      h("div", { class: "waterfall-foot" }, this.#who, this.#legend),
    );
    axis.onZoom(() => this.#schedule());
    axis.onPoint((source) => source !== this && this.#schedule());
    this.#listen();
  }

  /** Rows in sight, a few more included. */
  visible(): Range {
    return rowsInSight(geometryOf(this.#rows?.total ?? 0), this.#scrollTop);
  }

  update(rows: Rows, time: RunTime, phases: readonly Phase[], selected: number | undefined): void {
    this.#rows = rows;
    this.#time = time;
    this.#phases = phases;
    this.#selected = selected;
    this.#layOut();
    // Once a frame, however many pages have come in it; not at all while nobody sees it.
    this.#schedule();
  }

  reveal(position: number): void {
    const top = revealed(geometryOf(this.#rows?.total ?? 0), this.#scrollTop, position);
    if (top === this.#scrollTop) return;
    this.#scrollTop = top;
    this.#box.scrollTop = top;
  }

  #layOut(): void {
    const total = this.#rows?.total ?? 0;
    const { height, rowHeight } = geometryOf(total);
    setHidden(this.node, total === 0);
    const box = `${height + FOOT}px`;
    if (this.#box.style.height !== box) this.#box.style.height = box;
    const inner = `${total * rowHeight + FOOT}px`;
    if (this.#sizer.style.height !== inner) this.#sizer.style.height = inner;
    const margin = `-${height + FOOT}px`;
    if (this.#sizer.style.marginTop !== margin) this.#sizer.style.marginTop = margin;
  }

  #draw(): void {
    const rows = this.#rows;
    const time = this.#time;
    const width = this.#width;
    if (!rows || !time || width === 0) return;
    const geometry = geometryOf(rows.total ?? 0);
    const palette = this.#palette ?? readPalette(this.node);
    const pen = this.#penFor(width, geometry.height + FOOT, palette);
    const scrollTop = this.#scrollTop;
    if (pen)
      paintWaterfall(pen, palette, {
        width,
        geometry,
        scrollTop,
        ...rowsInSight(geometry, scrollTop),
        span: this.#axis.span,
        time,
        rowAt: (position) => rows.at(position),
        selected: this.#selected,
        hovered: this.#hovered,
        cursor: this.#axis.cursor,
        mark: this.#mark,
      });
    this.#tell(rows, time.described);
  }

  #penFor(width: number, height: number, palette: Palette): CanvasRenderingContext2D | null {
    const ratio = window.devicePixelRatio || 1;
    const [w, x] = [Math.round(width * ratio), Math.round(height * ratio)];
    const pen = this.#canvas.getContext("2d");
    if (this.#canvas.width === w && this.#canvas.height === x && palette === this.#palette) return pen;
    this.#palette = palette;
    this.#canvas.width = w;
    this.#canvas.height = x;
    this.#canvas.style.width = `${width}px`;
    this.#canvas.style.height = `${height}px`;
    pen?.setTransform(ratio, 0, 0, ratio, 0, 0);
    // Here and not with each drawing: to set it costs a look at the styles of the whole document.
    if (pen) pen.font = palette.font;
    return pen;
  }

  /** The row under the pointer, or the chosen one, in numbers below and in words for a screen reader. */
  #tell(rows: Rows, described: Described): void {
    const shown = this.#hovered ?? this.#selected;
    const row = shown === undefined ? undefined : rows.at(shown);
    setText(
      this.#who,
      row
        ? `${row.name} · ${described.states.label(row.state)}`
        : t("Hover or select a workspace for details"),
    );
    this.#legendItems.update(legendOf(this.#phases, described, row));
    const spoken = rows.at(this.#selected ?? 0);
    setText(this.#option, spoken ? spokenRow(spoken, described) : t("not loaded yet"));
    setAttribute(this.#option, "aria-selected", String(this.#selected !== undefined));
    setAttribute(this.#option, "aria-setsize", String(rows.total ?? -1));
    setAttribute(this.#option, "aria-posinset", String((this.#selected ?? 0) + 1));
    setAttribute(this.#box, "aria-activedescendant", this.#selected === undefined ? undefined : OPTION_ID);
  }

  #schedule(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #listen(): void {
    new ResizeObserver(([entry]) => {
      this.#width = Math.floor(entry?.contentRect.width ?? 0);
      this.#schedule();
    }).observe(this.#box);
    onThemeChange(() => {
      this.#palette = undefined;
      this.#schedule();
    });
    this.#box.addEventListener("scroll", () => {
      this.#scrollTop = this.#box.scrollTop;
      this.#actions.scrolled();
      this.#schedule();
    });
    this.#canvas.addEventListener("pointermove", (event) => this.#pointed(event));
    this.#canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.#canvas.setPointerCapture(event.pointerId);
      this.#from = event.offsetX;
    });
    this.#canvas.addEventListener("pointerup", (event) => this.#released(event));
    this.#canvas.addEventListener("pointercancel", () => this.#forgetMark());
    this.#canvas.addEventListener("pointerleave", () => {
      this.#hovered = undefined;
      this.#axis.point(undefined, this);
      this.#schedule();
    });
    this.#canvas.addEventListener("dblclick", () => this.#axis.zoomTo(undefined));
    this.#box.addEventListener("keydown", (event) => this.#pressed(event));
  }

  #pointed(event: PointerEvent): void {
    const width = this.#width;
    const { span } = this.#axis;
    this.#hovered = rowAt(geometryOf(this.#rows?.total ?? 0), this.#scrollTop, event.offsetY);
    const inside = event.offsetX >= GUTTER && event.offsetX <= width - RIGHT;
    const seconds = secondsAt(event.offsetX, span, width);
    if (this.#from !== undefined && Math.abs(event.offsetX - this.#from) >= DRAG_PX) {
      const from = secondsAt(this.#from, span, width);
      this.#mark = { min: Math.min(from, seconds), max: Math.max(from, seconds) };
    }
    this.#axis.point(inside ? seconds : undefined, this);
    this.#schedule();
  }

  #released(event: PointerEvent): void {
    const mark = this.#mark;
    const began = this.#from !== undefined;
    this.#forgetMark();
    if (mark) this.#axis.zoomTo(mark);
    else if (began) {
      const position = rowAt(geometryOf(this.#rows?.total ?? 0), this.#scrollTop, event.offsetY);
      if (position !== undefined) this.#actions.select(position);
    }
  }

  #forgetMark(): void {
    this.#mark = undefined;
    this.#from = undefined;
    this.#schedule();
  }

  #pressed(event: KeyboardEvent): void {
    if (event.key === "Escape") this.#actions.close();
    else if (!this.#axis.press(event.key)) {
      const position = movedTo(event.key, this.#selected, this.#rows?.total ?? 0);
      if (position === undefined) return;
      this.reveal(position);
      this.#actions.select(position);
    }
    event.preventDefault();
  }
}

interface LegendItem {
  name: string;
  /** Name of a CSS variable. */
  colour: string;
  label: string;
  value: string;
}

function legendOf(
  phases: readonly Phase[],
  described: Described,
  row: WorkspaceRow | undefined,
): LegendItem[] {
  return phases
    .filter(({ count }) => count > 0)
    .map(({ name, label }) => {
      const ms = row?.phases[name];
      const colour = described.phaseColours.variable(name);
      return { name, colour, label: lookedUp(label), value: ms === undefined ? "" : formatDuration(ms) };
    });
}

function createLegendItem(): Drawn<LegendItem> {
  const swatch = h("span", { class: "swatch", "aria-hidden": "true" });
  const label = h("span");
  const value = h("span", { class: "number value" });
  return {
    node: h("span", { class: "legend-item" }, swatch, label, value),
    update(item) {
      setColour(swatch, item.colour);
      setText(label, item.label);
      setText(value, item.value);
    },
  };
}
