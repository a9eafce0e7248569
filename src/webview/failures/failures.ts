import { plural, t } from "../../l10n/text.ts";
import type { Cause, WorkspaceRow } from "../../protocol/snapshot.ts";
import type { StepView } from "../../protocol/steps.ts";
import { english, isSame } from "../../text/message.ts";
import { h, KeyedList, setHidden, setText } from "../dom.ts";
import type { Lookup } from "../lookup.ts";
import { isEnded } from "../model/states.ts";
import type { Port } from "../port.ts";
import { createSection } from "../section.ts";
import { buildPage } from "./build-page.ts";
import { createFailure, type FailureActions, type ShownFailure } from "./failure.ts";

/** An example that has not come by then is asked for again. */
const PATIENCE_MS = 5_000;

interface Example {
  askedAt: number;
  row?: WorkspaceRow;
}

/**
 * Failures by cause. One of them is open, with the log of its example: the newest, until somebody opens or closes one,
 * or reads in it.
 */
export class Failures {
  readonly node: HTMLElement;
  readonly #lookup: Lookup;
  readonly #more = h("p", { class: "empty" });
  readonly #list: KeyedList<ShownFailure>;
  readonly #examples = new Map<string, Example>();
  #view: StepView | undefined;
  #attached = false;
  /** Keys of the causes that are open; undefined: the newest. */
  #open: Set<string> | undefined;
  /** Of a run that does not say when, in the order in which they came. */
  readonly #seen = new Map<string, number>();

  constructor(port: Port, lookup: Lookup, actions: Omit<FailureActions, "toggle">) {
    this.#lookup = lookup;
    const rows = h("ol", { class: "failures" });
    this.#list = new KeyedList<ShownFailure>(
      rows,
      ({ cause }) => keyOf(cause),
      () => createFailure(port, { ...actions, toggle: (cause) => this.#toggle(cause) }),
    );
    for (const type of ["pointerdown", "keydown", "wheel"])
      rows.addEventListener(type, () => this.#hold(), { passive: true });
    this.node = createSection(t("Failures"), "", rows, this.#more).node;
  }

  update(view: StepView, attached: boolean): void {
    // Examples of another step are others.
    if (this.#view && this.#view.name !== view.name) {
      this.#examples.clear();
      this.#seen.clear();
      this.#open = undefined;
    }
    this.#view = view;
    this.#attached = attached;
    for (const cause of view.causes) {
      const key = keyOf(cause);
      if (!this.#seen.has(key)) this.#seen.set(key, this.#seen.size);
    }
    this.#draw();
  }

  /** Opens those of a cause, by its English. */
  open(cause: string): void {
    const sought = this.#view?.causes.find((one) => english(one.cause) === cause);
    if (!sought) return;
    this.#open = new Set([keyOf(sought)]);
    this.#draw();
  }

  #toggle(cause: Cause): void {
    this.#hold();
    const key = keyOf(cause);
    if (!this.#open?.delete(key)) this.#open?.add(key);
    this.#draw();
  }

  /** What is read stays open, and nothing moves it away. */
  #hold(): void {
    const newest = this.#newest();
    this.#open ??= new Set(newest ? [keyOf(newest)] : []);
  }

  /** The cause that came up last: an old one that is met again is no news. */
  #newest(): Cause | undefined {
    const causes = this.#view?.causes ?? [];
    const order = (cause: Cause) => this.#seen.get(keyOf(cause)) ?? 0;
    return [...causes].sort((a, b) => (b.firstAt ?? 0) - (a.firstAt ?? 0) || order(b) - order(a))[0];
  }

  #draw(): void {
    const view = this.#view;
    if (!view) return;
    const newest = this.#open ? undefined : this.#newest();
    const open = this.#open ?? new Set(newest ? [keyOf(newest)] : []);
    const live = this.#attached && !isEnded(view);
    this.#list.update(
      view.causes.map((cause) => {
        const isOpen = open.has(keyOf(cause));
        const row = isOpen ? this.#exampleOf(cause, view) : undefined;
        return { cause, isOpen, row, page: row && buildPage(view, row), live };
      }),
    );
    setHidden(this.#more, view.causesOmitted === 0);
    setText(
      this.#more,
      plural(view.causesOmitted, { one: "and {0} other cause", other: "and {0} other causes" }),
    );
  }

  #exampleOf(cause: Cause, { name, steps }: StepView): WorkspaceRow | undefined {
    const key = keyOf(cause);
    const known = this.#examples.get(key);
    if (known && (known.row || performance.now() - known.askedAt < PATIENCE_MS)) return known.row;
    const example: Example = { askedAt: performance.now() };
    this.#examples.set(key, example);
    const query = { cause: english(cause.cause), ...(steps.length > 1 ? { step: name } : {}) };
    this.#lookup.ask(cause.example.workspace, query, (row) => {
      // A runner of an earlier version does not look at the cause.
      if (row && isSame(row.cause, cause.cause)) example.row = row;
      this.#draw();
    });
    return example.row;
  }
}

function keyOf({ id, cause }: Cause): string {
  return `${id} ${english(cause)}`;
}
