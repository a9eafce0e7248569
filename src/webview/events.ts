import { t, wordsOf } from "../l10n/text.ts";
import { formatClock } from "../protocol/duration.ts";
import type { RunEvent } from "../protocol/snapshot.ts";
import { english, isSame, sayCount } from "../text/message.ts";
import { type Drawn, h, KeyedList, setAttribute, setText } from "./dom.ts";
import { createSection } from "./section.ts";

/** What happened, the newest first. */
export function createEvents() {
  const rows = h("ol", { class: "events", tabindex: "0", "aria-label": t("Events, the newest first") });
  const list = new KeyedList<RunEvent>(
    rows,
    (event) => `${event.t} ${event.workspace} ${english(event.text)}`,
    createEvent,
  );
  const empty = h("p", { class: "empty" }, t("Nothing yet."));
  const section = createSection(t("Events"), t("the newest first"), rows, empty);

  function update(events: readonly RunEvent[]): void {
    empty.hidden = events.length > 0;
    rows.hidden = events.length === 0;
    list.update(together(events).reverse());
  }

  return { node: section.node, update };
}

/** The same words one after another are one line, which says how often. */
export function together(events: readonly RunEvent[]): RunEvent[] {
  const lines: { event: RunEvent; count: number }[] = [];
  for (const event of events) {
    const last = lines.at(-1);
    if (last && isSame(last.event.text, event.text) && last.event.workspace === event.workspace) {
      last.event = event;
      last.count++;
    } else lines.push({ event, count: 1 });
  }
  return lines.map(({ event, count }) =>
    count === 1
      ? event
      : {
          ...event,
          text: sayCount(count, { one: "{1} ({0} time)", other: "{1} ({0} times)" }, event.text),
        },
  );
}

function createEvent(): Drawn<RunEvent> {
  const time = h("span", { class: "dim number" });
  const text = h("span");
  const node = h("li", {}, time, text);
  return {
    node,
    update(event) {
      setText(time, formatClock(event.t));
      setText(text, event.workspace ? `${event.workspace}: ${wordsOf(event.text)}` : wordsOf(event.text));
      setAttribute(
        text,
        "data-tone",
        event.level === "info" ? undefined : event.level === "error" ? "bad" : "warning",
      );
    },
  };
}
