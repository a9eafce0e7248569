import type { Limits } from "../protocol/guard.ts";
import { type LimitRequest, levelOfPart, partsOfLimit } from "../protocol/limit.ts";
import { say } from "../text/message.ts";
import { orNearest } from "../text/nearest.ts";
import type { Step } from "./model.ts";
import type { Reader } from "./reader.ts";
import { SEARCH_KEYS, type SearchAsked, type SearchKey, searchOf } from "./search.ts";
import type { Entry, Place } from "./source.ts";

/** What a search is held against. */
export interface SearchSurroundings {
  steps: readonly Step[];
  /** There are thresholds, which are its objectives. */
  isHeld: boolean;
  /** Ceilings. */
  limits: Limits;
}

const NEEDED = ["vary", "from", "to"] as const satisfies readonly SearchKey[];

/** What the file says of a search; undefined where it has none. What is wrong with it has problems. */
export function readSearch(
  reader: Reader,
  entry: Entry | undefined,
  surroundings: SearchSurroundings,
): SearchAsked | undefined {
  const { source } = reader;
  const node = entry && reader.valueOf(entry);
  const known = Object.keys(SEARCH_KEYS);
  const entries = source.entries(node, say("search must be a map of {0}", known.join(", ")));
  if (!entry || !entries) return undefined;
  const asked: SearchAsked = {};
  const places: { [K in SearchKey]?: Place } = {};
  for (const one of entries) {
    const key = known.find((name): name is SearchKey => name === one.name);
    if (!key) {
      source.error(one.key, orNearest(say('search has no "{0}"', one.name), one.name, known));
      continue;
    }
    const value = reader.valueOf(one);
    places[key] = value ?? one.key;
    const text = reader.text(value, key);
    if (text !== undefined) asked[key] = text;
  }
  const missing = NEEDED.filter((key) => places[key] === undefined);
  if (missing.length > 0) source.error(entry.key, say("search needs {0}, too", missing.join(", ")));
  if (!surroundings.isHeld)
    source.error(
      entry.key,
      say("a search needs an objective: give a threshold, such as {0}", "round_trip.p95<200ms"),
    );
  check(reader, asked, { entry, places }, surroundings);
  return asked;
}

function check(
  { source }: Reader,
  asked: SearchAsked,
  { entry, places }: { entry: Entry; places: { [K in SearchKey]?: Place } },
  { steps, limits }: SearchSurroundings,
): void {
  const request = searchOf(
    asked,
    steps.map(({ name, workload, config, checked }) => ({
      name,
      workload,
      config: checked?.config ?? config,
    })),
    (key, said) => source.error(places[key] ?? entry.key, said),
  );
  if (!request) return;
  const ceiling = limits.connections;
  const most = connectionsOf(request);
  if (ceiling !== undefined && most > ceiling)
    source.error(
      (request.and?.vary === "connections" ? places.and : places.to) ?? entry.key,
      say("the search goes to {0} connections, and the ceiling is {1}; lower it", most, ceiling),
    );
  for (const { step } of partsOfLimit(request)) {
    const staged = steps.find(({ name, stages }) => name === step && stages.length > 0);
    if (staged)
      source.warn(
        staged.places.stages ?? staged.places.kind,
        say("the search sets the level of this step: its stages have no effect"),
      );
  }
}

/** How many are open at a time at most; 0 where no number of connections is set. */
function connectionsOf(request: LimitRequest): number {
  const { and } = request;
  if (and?.vary === "connections") return and.values.at(-1) ?? 0;
  return partsOfLimit(request)
    .filter(({ vary }) => vary === "connections")
    .reduce((sum, part) => sum + levelOfPart(request.to, part), 0);
}
