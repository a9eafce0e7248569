import { isMap, isScalar, type Node } from "yaml";
import type { Workload } from "../contract/workload.ts";
import { type Limits, stricter } from "../protocol/guard.ts";
import { parseRate } from "../protocol/rate.ts";
import { say, words } from "../text/message.ts";
import { orNearest } from "../text/nearest.ts";
import { checkEnds } from "./ends.ts";
import { mapOf } from "./fields.ts";
import { Kinds } from "./kinds.ts";
import { checkLoad } from "./load.ts";
import type { Scenario, Step } from "./model.ts";
import { type Problem, type Range, sorted } from "./problem.ts";
import { readSearch } from "./read-search.ts";
import { Reader } from "./reader.ts";
import { readServerMetrics } from "./server-metrics.ts";
import { setValue } from "./set.ts";
import { type Entry, type Place, Source } from "./source.ts";
import { readStep } from "./step.ts";
import { buildSteps, MOST_STEPS, type SharedValues, type Surroundings } from "./steps.ts";
import { readThresholds } from "./thresholds.ts";
import { checkUse } from "./use.ts";

export interface ReadOptions {
  /** What steps can be. */
  workloads: readonly Workload[];
  /** By default none: a variable without a default is a problem then. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Variables that the file may read besides SCALETEST_…. */
  envNames?: readonly string[];
  /** PATH=VALUE, put into the file before it is read. */
  set?: readonly string[];
  /** The folder of the file; absent: it is not known, and paths that count from it stay as they are. */
  folder?: string;
  /** Reads what there is of a file that is no YAML, too: it is being written. By default nothing of it. */
  evenBroken?: boolean;
  /** Ceilings that hold whatever the file says. */
  limits?: Limits;
}

export interface ReadScenario {
  scenario: Scenario;
  /** By place; a scenario with an error cannot be run. */
  problems: Problem[];
  /** Where something of the scenario stands in the file. */
  rangeOf(place: Place): Range;
}

/** The keys of a file. */
export const SCENARIO_KEYS = {
  name: words("What the scenario is called"),
  deployment: words("URL of the deployment that it is meant for; a run on another one is refused"),
  template: words("Template of all steps that have one, and name none themselves"),
  pool: words("Pool whose users and workspaces its steps use; what prepare has made"),
  parameters: words("Values of template parameters, sent as they stand here"),
  steps: words("What is done: steps follow each other, unless at, after or with says otherwise"),
  thresholds: words("What the whole run is held to"),
  limits: words("Ceilings for this scenario; they only lower those of the person who runs it"),
  serverMetrics: words(
    "Where the run reads the deployment's own figures: addresses of coderd's metrics, a Prometheus server, auto, or api",
  ),
  search: words("Makes a run of it a search for the largest load that meets the thresholds"),
  baseline: words("What a run is compared with: a run's id, a file, or last-passed"),
} as const;

export const LIMIT_KEYS = {
  workspaces: words("Workspaces at a time"),
  connections: words("Connections at a time"),
  rate: words("Bytes a second of all connections together, such as 40MB/s"),
} as const;

const LIMIT_NAMES = { workspaces: "workspaces", connections: "connections", rate: "bytesPerSecond" } as const;

/** Reads a file: what it says, and all that is wrong with it. Throws UsageError where `set` leads nowhere. */
export function readScenario(text: string, options: ReadOptions): ReadScenario {
  const source = new Source(text);
  const kinds = new Kinds(options.workloads);
  const { set = [], env = {}, envNames = [] } = options;
  const root = source.document.contents;
  if (!source.isBroken && isMap(root)) for (const one of set) setValue(source, kinds, one);
  const reader = new Reader(source, { env, names: envNames });
  const scenario = source.isBroken && !options.evenBroken ? EMPTY : readRoot(reader, kinds, root, options);
  return {
    scenario: { ...scenario, text: set.length > 0 && !source.isBroken ? String(source.document) : text },
    problems: sorted(source.problems),
    rangeOf: (place) => source.rangeOf(place),
  };
}

const EMPTY: Omit<Scenario, "text"> = {
  name: undefined,
  nameRange: { start: { line: 0, column: 0 }, end: { line: 0, column: 0 } },
  deployment: undefined,
  steps: [],
  places: {},
  thresholds: [],
  heldTo: [],
  limits: {},
  serverMetrics: [],
  search: undefined,
  searchRange: undefined,
  baseline: undefined,
};

function readRoot(
  reader: Reader,
  kinds: Kinds,
  root: Node | null,
  options: ReadOptions,
): Omit<Scenario, "text"> {
  const { source } = reader;
  const rule = say("a scenario must be a map with the keys name, template and steps");
  if (!root) source.error({ offset: 0, length: 1 }, say("the file is empty; {0}", rule));
  const entries = root ? source.entries(root, rule) : undefined;
  if (!entries) return EMPTY;
  const known = Object.keys(SCENARIO_KEYS);
  for (const { name, key } of entries)
    if (!known.includes(name))
      source.error(key, orNearest(say('a scenario has no "{0}"', name), name, known));
  const found = new Map(entries.map((entry) => [entry.name, entry]));
  const value = (name: string) => {
    const entry = found.get(name);
    return entry && reader.valueOf(entry);
  };
  const shared = readShared(reader, value);
  const steps = readSteps(reader, kinds, found.get("steps"), root ?? undefined, {
    shared,
    folder: options.folder,
    env: options.env ?? {},
  });
  const limits = readLimits(reader, value("limits"));
  checkEnds(source, steps);
  checkUse(source, steps);
  checkLoad(source, steps, stricter(options.limits ?? {}, limits));
  const run = readThresholds(reader, value("thresholds"), steps);
  const name = found.get("name");
  const search = found.get("search");
  return {
    name: reader.text(value("name"), "name"),
    nameRange: name ? source.rangeOf(name.key) : EMPTY.nameRange,
    deployment: readDeployment(reader, value("deployment")),
    steps,
    places: Object.fromEntries([...shared].map(([key, { place }]) => [key, place])),
    thresholds: run.texts,
    heldTo: [...steps.flatMap((step) => step.heldTo), ...run.heldTo],
    limits,
    serverMetrics: readServerMetrics(reader, value("serverMetrics")),
    search: readSearch(reader, search, {
      steps,
      isHeld: run.heldTo.length > 0 || steps.some(({ heldTo }) => heldTo.length > 0),
      limits: stricter(options.limits ?? {}, limits),
    }),
    searchRange: search && source.rangeOf(search.key),
    baseline: readBaseline(reader, value("baseline")),
  };
}

function readShared(reader: Reader, value: (name: string) => Node | undefined): SharedValues {
  const shared = new Map<string, { value: unknown; place: Node }>();
  for (const name of ["template", "pool"]) {
    const place = value(name);
    const text = reader.text(place, name);
    if (place && text !== undefined) shared.set(name, { value: text, place });
  }
  const parameters = value("parameters");
  const map = parameters && mapOf(reader, parameters, "parameters");
  if (parameters && map) shared.set("parameters", { value: map, place: parameters });
  return shared;
}

function readSteps(
  reader: Reader,
  kinds: Kinds,
  entry: Entry | undefined,
  root: Node | undefined,
  surroundings: Surroundings,
): Step[] {
  const rule = say('steps must be a list such as "- {0}: { … }"', kinds.words[0] ?? "");
  if (!entry) reader.source.error(root ?? { offset: 0, length: 1 }, say("there are no steps: {0}", rule));
  const node = entry && reader.valueOf(entry);
  const items = reader.source.items(node, rule) ?? [];
  if (node && !isScalar(node) && items.length === 0)
    reader.source.error(node, say("there are no steps: {0}", rule));
  // One more than there may be has a problem.
  const drafts = items.slice(0, MOST_STEPS + 1).flatMap((item) => readStep(reader, kinds, item) ?? []);
  return buildSteps(reader, drafts, surroundings);
}

function readDeployment(reader: Reader, node: Node | undefined): Scenario["deployment"] {
  const text = reader.text(node, "deployment");
  if (text === undefined || !node) return undefined;
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return { url: text, place: node };
  reader.source.error(node, say("deployment must be a URL such as https://coder.example.com"));
  return undefined;
}

/** A run's name, or a file beside the scenario: one that may be anybody's leads to no other place. */
function readBaseline(reader: Reader, node: Node | undefined): string | undefined {
  const text = reader.text(node, "baseline");
  if (text === undefined || !node) return undefined;
  const leadsElsewhere = /^([\\/~]|[A-Za-z]:)/.test(text) || text.split(/[\\/]/).includes("..");
  if (!leadsElsewhere && text !== "") return text;
  reader.source.error(
    node,
    say(
      "baseline must be a run's id, last-passed, or a file in the scenario's own folder; others are named by --baseline",
    ),
  );
  return undefined;
}

function readLimits(reader: Reader, node: Node | undefined): Limits {
  const { source } = reader;
  const limits: Limits = {};
  const known = Object.keys(LIMIT_KEYS);
  for (const entry of source.entries(node, say("limits must be a map of {0}", known.join(", "))) ?? []) {
    const name = known.find((one): one is keyof typeof LIMIT_NAMES => one === entry.name);
    if (!name) {
      source.error(entry.key, orNearest(say('limits has no "{0}"', entry.name), entry.name, known));
      continue;
    }
    const value = reader.valueOf(entry);
    const text = reader.text(value, entry.name);
    if (text === undefined || !value) continue;
    const limit = name === "rate" ? parseRate(text) : /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
    if (limit !== undefined) limits[LIMIT_NAMES[name]] = limit;
    else
      source.error(
        value,
        name === "rate"
          ? say("rate must have its unit, such as 40MB/s")
          : say("{0} must be a whole number of 1 or more", name),
      );
  }
  return limits;
}
