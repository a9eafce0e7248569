import type { Evidence } from "../../protocol/bottlenecks.ts";
import type { FigureRef } from "../../protocol/description.ts";
import type { Message } from "../../text/message.ts";

/** One figure of a metric, of all its series with these labels together; some labels are not told apart (folded.ts). */
export type Of = Pick<FigureRef, "metric" | "figure" | "labels">;

/** The same for each value of a label by itself, where nobody knows beforehand which values there are. */
export type EachOf = Pick<Of, "metric" | "figure"> & { each: string };

export type SymptomId =
  /** Builds wait for a provisioner daemon. */
  | "queue"
  /** Answers of the API come late. */
  | "api"
  /** Requests wait for the rate limit. */
  | "rate_limit"
  | "round_trip"
  /** Less comes back than was offered. */
  | "achieved"
  /** Connections come late. */
  | "open"
  | "drops"
  | "failures"
  | "agent"
  | "startup"
  /** Workspaces are ready later than was asked for. */
  | "ready";

/** Something that users feel. */
export interface Symptom {
  id: SymptomId;
  evidence: Evidence;
  since: number | undefined;
}

/** Before the load, while it goes on, and after it. */
export type Part = "baseline" | "load" | "recovery";

export interface Point {
  /** Whole seconds since the run began. */
  second: number;
  value: number;
}

/** What of a run is known by now, for rules: they read it, and change nothing. */
export interface RunView {
  /** Over a whole part, by default the load; undefined where nothing was measured. */
  figure(of: Of, part?: Part): number | undefined;
  /** Second by second over the load, where it was measured; a rule gets those that it lists under `lines`. */
  line(of: Of): readonly Point[];
  /** The same by the values of a label, as a drill lists it under `each`. */
  each(of: EachOf): ReadonlyMap<string, readonly Point[]>;
  /** Seconds of the load. */
  loadS: number;
  /** Metrics of which an objective of the run is broken. */
  broken: ReadonlySet<string>;
  /** Share of the load's seconds in which the generator itself was at its limits, the first of them, and why. */
  invalid: { share: number; first: number | undefined; reason: Message | undefined };
  /** Failures by cause: ids that stay the same, such as `api_server`, English, and the second of each. */
  failures: readonly { id: string; text: string; count: number; seconds: readonly number[] }[];
  /** Programs that the run has run itself, in their order: drills, mostly. In seconds since the run began. */
  programs: readonly { name: string; from: number; until: number | undefined }[];
}

/** What a rule has found: the figures that speak for it and against it. */
export interface Found {
  kind: "found";
  /** From 0 to 1. */
  strength: number;
  since: number | undefined;
  because: Evidence[];
  counter: Evidence[];
}

/** It may be the cause: nobody can tell without this. */
export interface CannotTell {
  kind: "cannot_tell";
  without: Message;
}

/** One thing that can be the bottleneck. A pure function over what was measured. */
export interface Rule {
  id: string;
  title: Message;
  /** Users have to feel one of these: a server that is busy and serves them well is no bottleneck. */
  felt: readonly SymptomId[];
  /** Figures that it wants second by second, and those by the values of a label. */
  lines: readonly Of[];
  each?: readonly EachOf[];
  remedy: Message;
  /** A page that a reader can open. */
  source: string;
  /** `felt`: those of its symptoms that users feel; at least one. */
  look(view: RunView, felt: readonly Symptom[]): Found | CannotTell | undefined;
}
