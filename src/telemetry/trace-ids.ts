import { createHash } from "node:crypto";

/** By which a job's spans are known: the same wherever they are asked for, and those of no other run's. */
export interface TraceIds {
  /** 32 hexadecimal digits. */
  trace: string;
  /** 16 of them: the span of the whole job. */
  root: string;
}

/** `subject`: step and index of the job, as requests name it. */
export function traceIdsOf(runId: string, subject: string): TraceIds {
  const digits = hash(`${runId} ${subject}`);
  return { trace: digits.slice(0, 32), root: digits.slice(32, 48) };
}

/** Of a part of the job. */
export function spanIdOf(ids: TraceIds, part: string): string {
  return hash(`${ids.trace} ${part}`).slice(0, 16);
}

/** W3C Trace Context: https://www.w3.org/TR/trace-context/#traceparent-header */
export function traceparentOf({ trace, root }: TraceIds): string {
  return `00-${trace}-${root}-01`;
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
