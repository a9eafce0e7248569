import * as z from "zod";
import { field, withDefault } from "../../../src/contract/fields/field.ts";
import { fieldTable, schemaOf } from "../../../src/contract/fields/table.ts";
import { coder, loadFields } from "../../../src/workloads/common-fields.ts";
import { thresholdField } from "../../../src/workloads/thresholds.ts";
import { PING_METRICS } from "./describe.ts";

/** What `ping` can be told. Durations are milliseconds. */
export const pingFields = fieldTable({
  rate: field(z.number("is required: pings a second").int().min(1, "must be 1 or more"), {
    flag: "rate",
    env: coder("PING_RATE"),
    required: true,
    description: "Pings a second of each job (required)",
    asked: "is how many pings a second each job sends",
  }),
  durationMs: field(z.number().min(100, "must be 100ms or more"), {
    flag: "duration",
    env: coder("PING_DURATION"),
    unit: "ms",
    default: 2_000,
    description: "How long each job sends them",
  }),
  count: field(z.number().int().min(1, "must be 1 or more"), {
    flag: "count",
    short: "c",
    env: coder("COUNT"),
    default: 1,
    description: "Jobs that ping at the same time",
  }),
  timeoutMs: withDefault(loadFields.timeoutMs, 60_000),
  prometheusAddress: field(z.string(), {
    flag: "scaletest-prometheus-address",
    env: coder("PROMETHEUS_ADDRESS"),
    placeholder: "host:port",
    description: "Tell Prometheus metrics at this address",
  }),
  thresholds: thresholdField(PING_METRICS, "ping_time.p95<100ms"),
});
export const pingSchema = schemaOf(pingFields);
export type PingConfig = z.output<typeof pingSchema>;
