import "./l10n.ts";
import * as z from "zod";
import { workspacesParams } from "../protocol/messages.ts";
import { toPanelSchema } from "../protocol/panel.ts";
import { sampleSchema, snapshotSchema, workspaceRowSchema } from "../protocol/snapshot.ts";
import { workspacePage } from "../protocol/workspace-page.ts";
import { Panel } from "./panel.ts";
import type { Port } from "./port.ts";
import "uplot/dist/uPlot.min.css";
import "./styles/report.css";
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
import "./styles/pile.css";
import "./styles/waterfall.css";
import "./styles/workspaces.css";

/** A run that has ended, as one file: the panel itself, which answers its own questions from the data in it. */
const reportSchema = z.object({
  snapshot: snapshotSchema,
  samples: z.array(sampleSchema),
  rows: z.array(workspaceRowSchema),
});

/** Only in a tab of the editor; as a file, the report has nobody to keep anything for it. */
declare const acquireVsCodeApi: (() => { getState(): unknown; setState(state: unknown): void }) | undefined;

const data = reportSchema.parse(JSON.parse(document.getElementById("run")?.textContent ?? "{}"));
const editor = typeof acquireVsCodeApi === "function" ? acquireVsCodeApi() : undefined;
let state: unknown = editor?.getState();
const port: Port = {
  inEditor: false,
  post(message) {
    if (message.type !== "page") return;
    const page = workspacePage(data.rows, workspacesParams.parse(message.query));
    // After the asking is done, as an answer from elsewhere would come.
    queueMicrotask(() =>
      panel.receive(toPanelSchema.parse({ type: "page", request: message.request, page })),
    );
  },
  getState: () => state,
  setState: (value) => {
    state = value;
    editor?.setState(value);
  },
};
const panel = new Panel(document.body, port);
panel.receive({ type: "connection", state: "attached" });
panel.receive({ type: "snapshot", snapshot: data.snapshot });
panel.receive({ type: "series", samples: data.samples });
