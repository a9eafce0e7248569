import { t } from "../l10n/text.ts";
import type { StepView } from "../protocol/steps.ts";
import { h, setAttribute, setHidden, setText } from "./dom.ts";
import { formatProgress } from "./model/format.ts";
import { isEnded, isPaused, runPill } from "./model/states.ts";
import type { Port } from "./port.ts";

/** Title, state, deployment, time, and the buttons that end the run. Stays in sight while scrolling. */
export function createHeader(port: Port) {
  const title = h("h1");
  const pill = h("span", { class: "pill" });
  const sandbox = h("span", { class: "pill outline" }, t("sandbox"));
  const deployment = h("span", { class: "dim where" });
  const time = h("span", { class: "time", role: "timer", "aria-label": t("Elapsed time") });
  const pause = button(
    t("Pause"),
    "secondary",
    t("Start nothing new until you resume; what is running goes on"),
  );
  const stopAndKeep = button(
    t("Stop and keep"),
    "secondary",
    t("Stop, and leave users and workspaces as they are"),
  );
  const stop = button(t("Stop"), "primary", t("Stop, and clean up what was created"));
  const buttons = h("div", { class: "buttons" }, pause, stopAndKeep, stop);
  let paused = false;
  pause.addEventListener("click", () => port.post({ type: "pause", paused: !paused }));
  stop.addEventListener("click", () => port.post({ type: "stop", keep: false }));
  stopAndKeep.addEventListener("click", () => port.post({ type: "stop", keep: true }));
  const announce = h("span", { class: "hidden-text", role: "status" });
  const node = h(
    "header",
    {},
    h("div", { class: "heading" }, title, pill, sandbox, deployment),
    h("div", { class: "controls" }, time, buttons),
    announce,
  );

  // Its lines are one to four: what sticks below it, or is scrolled to, has to know.
  new ResizeObserver(() => {
    document.documentElement.style.setProperty("--header-height", `${node.offsetHeight}px`);
  }).observe(node);

  function update(snapshot: StepView, attached: boolean): void {
    const { run } = snapshot;
    setText(title, run.title);
    const state = runPill(snapshot);
    setText(pill, state.label);
    setAttribute(pill, "data-tone", state.tone);
    // A screen reader hears of the few changes of state, not of every figure.
    setText(announce, t("Run: {0}", state.label));
    setHidden(sandbox, !run.deployment.sandbox);
    setText(deployment, whereabouts(snapshot));
    setText(time, formatProgress(snapshot.elapsedMs, remaining(snapshot)));
    const over = isEnded(snapshot) || !attached;
    setHidden(buttons, over);
    paused = isPaused(snapshot);
    setText(pause, paused ? t("Resume") : t("Pause"));
    pause.disabled = snapshot.state !== "running";
    stop.disabled = snapshot.state === "stopping" || snapshot.state === "cleaning";
    stopAndKeep.disabled = snapshot.state === "stopping";
  }

  return { node, update };
}

/** Where there is no estimate, a part that ends by the clock says how long it goes on. */
function remaining(snapshot: StepView): number | null {
  if (isEnded(snapshot)) return null;
  return snapshot.remainingMs ?? (snapshot.part?.remainingMs || null);
}

function whereabouts({ run }: StepView): string {
  const { host, version } = run.deployment;
  return [host, version, t("load from {0}", run.host)].filter(Boolean).join(" · ");
}

function button(text: string, kind: "primary" | "secondary", explanation: string): HTMLButtonElement {
  return h("button", { type: "button", class: kind, title: explanation }, text);
}
