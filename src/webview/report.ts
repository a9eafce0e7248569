import "./l10n.ts";
import { reportDataSchema } from "../protocol/report-page.ts";
import { DATA_ID, drawReport } from "./report/page.ts";
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
import "./styles/lanes.css";
import "./styles/steps.css";
import "./styles/waterfall.css";
import "./styles/workspaces.css";
import "./styles/report-page.css";

/** Only in a tab of the editor; as a file, the report has nobody to keep anything for it. */
declare const acquireVsCodeApi: (() => { setState(state: unknown): void }) | undefined;

const data = reportDataSchema.parse(JSON.parse(document.getElementById(DATA_ID)?.textContent ?? "{}"));
// After a reload, the editor asks whose report it was.
if (typeof acquireVsCodeApi === "function") acquireVsCodeApi().setState({ runId: data.snapshot.run.id });
drawReport(document.body, data);
