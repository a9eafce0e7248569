import { type Attributes, type HrTime, SpanKind, SpanStatusCode, TraceFlags } from "@opentelemetry/api";
import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import type { WorkspaceRow } from "../protocol/snapshot.ts";
import { english } from "../text/message.ts";
import { resourceOf } from "./resource.ts";
import { spanIdOf, traceIdsOf } from "./trace-ids.ts";

type Span = Parameters<typeof JsonTraceSerializer.serializeRequest>[0][number];

/** What all spans of a run say of it. */
export interface TracedRun {
  id: string;
  /** Unix milliseconds of its begin. */
  startedAt: number;
  resource: Attributes;
}

/** So many spans go out in one request at most. */
const MOST = 500;

/**
 * A trace for each job: a span of the whole of it, and one for each phase. `ownTraces`: by subject, under which ids the
 * deployment has traced requests of a job by itself.
 */
export function spansOf(
  run: TracedRun,
  rows: readonly WorkspaceRow[],
  ownTraces: ReadonlyMap<string, ReadonlySet<string>>,
): Span[] {
  const shared = {
    resource: resourceOf(run.resource),
    instrumentationScope: { name: "coder-scaletest" },
  };
  return rows.flatMap((row) => {
    if (row.startedAt === undefined) return [];
    const subject = `${row.step}/${row.index}`;
    const ids = traceIdsOf(run.id, subject);
    const make = (name: string, at: number, ms: number, more: Partial<Span>): Span => ({
      ...shared,
      ...{ name, kind: SpanKind.INTERNAL, ended: true, links: [], events: [], attributes: {} },
      startTime: hrTime(run.startedAt + at),
      endTime: hrTime(run.startedAt + at + ms),
      duration: hrTime(ms),
      status: { code: SpanStatusCode.UNSET },
      ...{ droppedAttributesCount: 0, droppedEventsCount: 0, droppedLinksCount: 0 },
      spanContext: () => context(ids.trace, ids.root),
      ...more,
    });
    const phases = phasesOf(row);
    const end = Math.max(row.startedAt + (row.readyMs ?? 0), ...phases.map(({ at, ms }) => at + ms));
    const whole = make(row.step, row.startedAt, end - row.startedAt, {
      attributes: attributesOf(run.id, row, ownTraces.get(subject)),
      ...(row.error ? { status: { code: SpanStatusCode.ERROR, message: english(row.error) } } : {}),
    });
    const parts = phases.map(({ name, at, ms }) =>
      make(name, at, ms, {
        spanContext: () => context(ids.trace, spanIdOf(ids, name)),
        parentSpanContext: context(ids.trace, ids.root),
      }),
    );
    return [whole, ...parts];
  });
}

/** Bodies of requests, each with a part of the spans. */
export function* traceBodies(spans: readonly Span[]): Generator<Uint8Array> {
  for (let at = 0; at < spans.length; at += MOST) {
    const body = JsonTraceSerializer.serializeRequest(spans.slice(at, at + MOST));
    if (body) yield body;
  }
}

/** Runs of a version that did not know when a phase began have none here. */
function phasesOf({ phases, begins = {} }: WorkspaceRow): { name: string; at: number; ms: number }[] {
  return Object.entries(phases).flatMap(([name, ms]) => {
    const at = begins[name];
    return at === undefined ? [] : [{ name, at, ms }];
  });
}

function attributesOf(
  runId: string,
  { name, owner, state, readyMs, apiCalls, cause, step }: WorkspaceRow,
  ownTraces: ReadonlySet<string> | undefined,
): Attributes {
  return {
    "scaletest.run": runId,
    "scaletest.step": step,
    "scaletest.state": state,
    "scaletest.api_calls": apiCalls,
    ...(readyMs === undefined ? {} : { "scaletest.ready_ms": readyMs }),
    ...(cause ? { "scaletest.cause": english(cause) } : {}),
    "coder.workspace": name,
    "coder.owner": owner,
    ...(ownTraces ? { "coder.trace_ids": [...ownTraces] } : {}),
  };
}

function context(traceId: string, spanId: string) {
  return { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
}

function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1e6)];
}
