import "./l10n.ts";
import { toPanelSchema } from "../protocol/panel.ts";
import { Panel } from "./panel.ts";
import type { Port } from "./port.ts";
import "uplot/dist/uPlot.min.css";
import "./styles/base.css";
import "./styles/header.css";
import "./styles/answer.css";
import "./styles/baseline.css";
import "./styles/bottlenecks.css";
import "./styles/limit.css";
import "./styles/log.css";
import "./styles/thresholds.css";
import "./styles/sections.css";
import "./styles/steps.css";
import "./styles/tabs.css";
import "./styles/failures.css";
import "./styles/waterfall.css";
import "./styles/workspaces.css";

declare function acquireVsCodeApi(): {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
};

const editor = acquireVsCodeApi();
const port: Port = {
  inEditor: true,
  post: (message) => editor.postMessage(message),
  getState: () => editor.getState(),
  setState: (state) => editor.setState(state),
};
const panel = new Panel(document.body, port);
window.addEventListener("message", (event) => {
  const message = toPanelSchema.safeParse(event.data);
  if (message.success) panel.receive(message.data);
});
port.post({ type: "ready" });
