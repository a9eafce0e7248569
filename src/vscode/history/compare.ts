import { formatDuration } from "../../protocol/duration.ts";
import type { Final } from "../../runs/final.ts";

/** How one measure differs between two runs. */
export interface Difference {
  label: string;
  before: string;
  after: string;
  /** `+12 %`; empty where there is no ground for one. */
  change: string;
  judgement: "better" | "worse" | "within noise" | "";
}

/** Below this share of the earlier median, a difference is of no interest, however certain it is. */
const LEAST_SHARE = 0.05;
/** Two-sided 1 % of the normal distribution. */
const CERTAIN_Z = 2.576;
/** Fewer values than this on either side say nothing. */
const LEAST_VALUES = 8;

/** Two runs, measure by measure. Durations are judged by their values of single workspaces, not by averages. */
export function compareRuns(before: Final, after: Final): Difference[] {
  const shared = after.snapshot.phases.filter(({ name }) =>
    before.snapshot.phases.some((one) => one.name === name),
  );
  return [
    countDifference("workspaces", before, after, ({ snapshot }) => snapshot.counts.total),
    countDifference("succeeded", before, after, ({ snapshot }) => snapshot.counts.succeeded),
    countDifference("failed", before, after, ({ snapshot }) => snapshot.counts.failed),
    durationDifference(
      "ready, p50",
      before,
      after,
      ({ rows }) => rows.flatMap(({ readyMs }) => readyMs ?? []),
      0.5,
    ),
    durationDifference(
      "ready, p95",
      before,
      after,
      ({ rows }) => rows.flatMap(({ readyMs }) => readyMs ?? []),
      0.95,
    ),
    ...shared.flatMap(({ name, label }) =>
      [0.5, 0.95].map((q) =>
        durationDifference(
          `${label}, p${q * 100}`,
          before,
          after,
          ({ rows }) => rows.flatMap(({ phases }) => phases[name] ?? []),
          q,
        ),
      ),
    ),
    countDifference(
      "API calls, most for a workspace",
      before,
      after,
      ({ snapshot }) => snapshot.api.maxPerWorkspace,
    ),
  ];
}

function countDifference(label: string, before: Final, after: Final, of: (run: Final) => number): Difference {
  const [a, b] = [of(before), of(after)];
  return {
    label,
    before: String(a),
    after: String(b),
    change: a === b ? "" : changeText(a, b),
    judgement: "",
  };
}

function durationDifference(
  label: string,
  before: Final,
  after: Final,
  valuesOf: (run: Final) => number[],
  q: number,
): Difference {
  const [a, b] = [valuesOf(before), valuesOf(after)];
  const [x, y] = [quantile(a, q), quantile(b, q)];
  const text = (ms: number | undefined) => (ms === undefined ? "–" : formatDuration(ms));
  if (x === undefined || y === undefined)
    return { label, before: text(x), after: text(y), change: "", judgement: "" };
  return { label, before: text(x), after: text(y), change: changeText(x, y), judgement: judge(a, b, x, y) };
}

function judge(a: readonly number[], b: readonly number[], x: number, y: number): Difference["judgement"] {
  if (a.length < LEAST_VALUES || b.length < LEAST_VALUES) return "";
  if (Math.abs(y - x) < LEAST_SHARE * x || Math.abs(rankSumZ(a, b)) < CERTAIN_Z) return "within noise";
  return y < x ? "better" : "worse";
}

/**
 * Mann–Whitney's U as a number of standard deviations, with the correction for ties: whether values of the
 * one run tend to be larger than the other's, whatever their distribution.
 */
export function rankSumZ(a: readonly number[], b: readonly number[]): number {
  const all = [...a.map((value) => ({ value, first: true })), ...b.map((value) => ({ value, first: false }))];
  all.sort((one, other) => one.value - other.value);
  let rankSum = 0;
  let ties = 0;
  for (let from = 0; from < all.length; ) {
    let to = from;
    while (to < all.length && all[to]?.value === all[from]?.value) to++;
    const size = to - from;
    const rank = (from + to + 1) / 2;
    for (let i = from; i < to; i++) if (all[i]?.first) rankSum += rank;
    ties += size ** 3 - size;
    from = to;
  }
  const [n, m, total] = [a.length, b.length, all.length];
  const u = rankSum - (n * (n + 1)) / 2;
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * (total - 1)));
  return variance > 0 ? (u - (n * m) / 2) / Math.sqrt(variance) : 0;
}

function quantile(values: readonly number[], q: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}

function changeText(a: number, b: number): string {
  if (a === 0) return b === 0 ? "" : "new";
  const percent = Math.round(((b - a) / a) * 100);
  return `${percent > 0 ? "+" : percent < 0 ? "−" : "±"}${Math.abs(percent)} %`;
}

/** The comparison as a Markdown document; titles become no markup. */
export function comparisonMarkdown(
  before: Final,
  after: Final,
  escapeText: (text: string) => string,
): string {
  const name = ({ snapshot }: Final) =>
    `${escapeText(snapshot.run.title)} on ${escapeText(snapshot.run.deployment.host)}, ${new Date(snapshot.run.createdAt).toLocaleString()}`;
  const marks = { better: "✓ better", worse: "✗ worse", "within noise": "within noise", "": "" };
  const rows = compareRuns(before, after).map(
    (line) =>
      `| ${escapeText(line.label)} | ${line.before} | ${line.after} | ${line.change} | ${marks[line.judgement]} |`,
  );
  return [
    "# Two scale tests compared",
    "",
    `- **A**: ${name(before)}: ${escapeText(before.snapshot.outcome?.summary ?? "")}`,
    `- **B**: ${name(after)}: ${escapeText(after.snapshot.outcome?.summary ?? "")}`,
    "",
    "| | A | B | Change | |",
    "|:--|--:|--:|--:|:--|",
    ...rows,
    "",
    "Differences of durations are judged by the values of single workspaces (Mann–Whitney, two-sided 1 %); less than 5 % counts as noise in any case.",
    "",
  ].join("\n");
}
