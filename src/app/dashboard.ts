import { describeRun } from "../contract/describe.ts";
import { SERVER_METRICS } from "../contract/server-metrics.ts";
import { type Entry, NAMES } from "../insight/names.ts";
import { exposedCounters, exposedName } from "../measure/exposed.ts";
import type { Metric } from "../protocol/description.ts";
import { workloads } from "../workloads/index.ts";

interface Query {
  expr: string;
  legend: string;
}

interface Drawn {
  title: string;
  /** Of Grafana's: "s", "bytes", "percentunit". */
  unit: string;
  queries: Query[];
}

const WINDOW = "[$__rate_interval]";
const [WIDTH, HEIGHT, COLUMNS] = [8, 8, 3];
const DATASOURCE = { type: "prometheus", uid: "$" + "{datasource}" };
const PERCENTILES = [50, 95, 99];
const UNITS: Readonly<Record<string, string>> = {
  ms: "ms",
  bytes: "bytes",
  share: "percentunit",
  cores: "none",
};

/**
 * A dashboard for Grafana: what a run exposes by `--scaletest-prometheus-address`, and what coderd itself does, one
 * beside the other. It is made of the descriptions of the metrics, so that it has all of them.
 */
export function grafanaDashboard(): Record<string, unknown> {
  const rows = [
    { title: "Scale test", drawn: ownMetrics().map(drawnOfRun) },
    { title: "Coder", drawn: coderPanels() },
  ];
  return {
    title: "Scale Test for Coder",
    uid: "coder-scaletest",
    tags: ["coder", "scaletest"],
    schemaVersion: 39,
    editable: true,
    refresh: "5s",
    time: { from: "now-30m", to: "now" },
    templating: {
      list: [
        { name: "datasource", label: "Prometheus", type: "datasource", query: "prometheus", hide: 0 },
        {
          name: "job",
          label: "Job of coderd",
          type: "query",
          datasource: DATASOURCE,
          query: { query: "label_values(coderd_api_requests_processed_total, job)", refId: "job" },
          refresh: 2,
          includeAll: true,
          allValue: ".*",
          current: { text: "All", value: "$__all" },
          hide: 0,
        },
      ],
    },
    annotations: { list: [] },
    panels: panelsOf(rows),
  };
}

/** Each metric of every workload once, by the name that it is exposed by. */
function ownMetrics(): Metric[] {
  const metrics = new Map<string, Metric>();
  for (const { described } of workloads)
    for (const own of described)
      for (const metric of describeRun(own).metrics) {
        const name = exposedName(metric);
        const known = metrics.get(name);
        if (!known) metrics.set(name, metric);
        // Kinds of steps may have more figures of the same name.
        else metrics.set(name, { ...known, aliases: { ...metric.aliases, ...known.aliases } });
      }
  return [...metrics.values()];
}

function drawnOfRun(metric: Metric): Drawn {
  const name = exposedName(metric);
  const { text: title, kind, labels } = metric;
  switch (kind) {
    case "duration":
      return { title, unit: "s", queries: quantiles(`${name}_bucket`) };
    case "gauge":
      return { title, unit: UNITS[metric.unit] ?? "none", queries: [queryBy(labels, name)] };
    case "share": {
      const [part, all] = [`${name}_total`, `${name}_of_total`].map((one) => `sum(rate(${one}${WINDOW}))`);
      return { title, unit: "percentunit", queries: [{ expr: `${part} / ${all}`, legend: title }] };
    }
    case "counter":
      return {
        title: `${title} a second`,
        unit: metric.unit === "bytes" ? "Bps" : "none",
        queries: exposedCounters(metric).map(({ name: counter, help, labels: of }) => ({
          ...queryBy(of, `rate(${counter}${WINDOW})`),
          ...(of.length === 0 ? { legend: help } : {}),
        })),
      };
  }
}

function queryBy(labels: readonly string[], of: string): Query {
  if (labels.length === 0) return { expr: `sum(${of})`, legend: "" };
  return {
    expr: `sum by (${labels.join(", ")}) (${of})`,
    legend: labels.map((label) => `{{${label}}}`).join(" "),
  };
}

function quantiles(bucket: string, by: readonly string[] = []): Query[] {
  const of = ["le", ...by].join(", ");
  return (by.length > 0 ? [95] : PERCENTILES).map((percentile) => ({
    expr: `histogram_quantile(${percentile / 100}, sum by (${of}) (rate(${bucket}${WINDOW})))`,
    legend: [`p${percentile}`, ...by.map((label) => `{{${label}}}`)].join(" "),
  }));
}

/** What coderd's metrics come to, a panel for each of ours, under the same names as in a run. */
function coderPanels(): Drawn[] {
  return SERVER_METRICS.flatMap(({ name, text, unit }) => {
    const entries = NAMES.filter(({ metric }) => metric === name);
    if (entries.length === 0) return [];
    const isHistogram = entries.every(({ way }) => way === "histogram");
    return [
      {
        title: text,
        unit: isHistogram ? "s" : (UNITS[unit] ?? "none"),
        queries: entries.flatMap(queriesOf),
      },
    ];
  });
}

const OF_CODERD = '{job=~"$job"}';

function queriesOf(entry: Entry): Query[] {
  const { names, counts = [], way, factor = 1, shared } = entry;
  const by = labelsRead(entry);
  const series = (all: readonly string[], suffix = "") => all.map((name) => `${name}${suffix}${OF_CODERD}`);
  const scaled = (expr: string) => (factor === 1 ? expr : `${expr} * ${factor}`);
  const either = (all: readonly string[]) => (all.length > 1 ? `(${all.join(" or ")})` : (all[0] ?? ""));
  switch (way) {
    case "histogram":
      return names.flatMap((name) => quantiles(`${name}_bucket${OF_CODERD}`, by));
    case "mean": {
      const [sum, count] = [names, counts].map((all) => `sum(rate(${series(all)[0] ?? ""}${WINDOW}))`);
      return [{ expr: scaled(`${sum} / ${count}`), legend: "" }];
    }
    case "rate": {
      const query = queryBy(by, either(series(names).map((one) => `rate(${one}${WINDOW})`)));
      return [{ ...query, expr: scaled(query.expr), legend: query.legend || legendOf(entry) }];
    }
    case "gauge": {
      // Every replica tells the same.
      const of = either(series(names));
      const query = queryBy(by, shared ? `max without (instance, pod) (${of})` : of);
      return [{ ...query, expr: scaled(query.expr), legend: query.legend || legendOf(entry) }];
    }
  }
}

/** Coder's labels by which ours are made. */
function labelsRead({ labels }: Entry): string[] {
  const read = new Set<string>();
  labels?.(
    new Proxy<Record<string, string>>(
      {},
      {
        get: (_labels, name) => {
          read.add(String(name));
          return "";
        },
      },
    ),
  );
  return [...read];
}

/** Of lines that differ by our labels alone: "send". */
function legendOf({ labels }: Entry): string {
  return Object.values(labels?.({}) ?? {}).join(" ");
}

function panelsOf(rows: readonly { title: string; drawn: readonly Drawn[] }[]): Record<string, unknown>[] {
  const panels: Record<string, unknown>[] = [];
  let y = 0;
  const add = (panel: Record<string, unknown>) => panels.push({ id: panels.length + 1, ...panel });
  for (const { title, drawn } of rows) {
    add({ type: "row", title, collapsed: false, gridPos: { x: 0, y, w: 24, h: 1 }, panels: [] });
    y++;
    for (const [at, one] of drawn.entries())
      add(panelOf(one, (at % COLUMNS) * WIDTH, y + Math.floor(at / COLUMNS) * HEIGHT));
    y += Math.ceil(drawn.length / COLUMNS) * HEIGHT;
  }
  return panels;
}

function panelOf({ title, unit, queries }: Drawn, x: number, y: number): Record<string, unknown> {
  return {
    type: "timeseries",
    title,
    gridPos: { x, y, w: WIDTH, h: HEIGHT },
    datasource: DATASOURCE,
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options: {
      legend: { displayMode: "list", placement: "bottom" },
      tooltip: { mode: "multi", sort: "desc" },
    },
    targets: queries.map(({ expr, legend }, at) => ({
      refId: refIdOf(at),
      datasource: DATASOURCE,
      expr,
      ...(legend === "" ? {} : { legendFormat: legend }),
    })),
  };
}

/** A, B, … Z, AA: as Grafana itself calls them. */
function refIdOf(at: number): string {
  const letter = String.fromCharCode(65 + (at % 26));
  return at < 26 ? letter : refIdOf(Math.floor(at / 26) - 1) + letter;
}
