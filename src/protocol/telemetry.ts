import * as z from "zod";
import { networkSchema } from "./target.ts";

/** Where OTLP over HTTP goes, of one kind. */
export const otlpSinkSchema = z.object({
  url: z.url({ protocol: /^https?$/ }),
  /** May be secret. */
  headers: z.record(z.string(), z.string()).default({}),
  network: networkSchema.default({}),
});
export type OtlpSink = z.infer<typeof otlpSinkSchema>;

/** What a run sends to those who keep traces and long series. */
export const telemetrySchema = z.object({
  /** A trace for each job; absent: none. */
  traces: otlpSinkSchema.optional(),
  /** Every figure that is measured; absent: none. */
  metrics: otlpSinkSchema.optional(),
  /** Requests of a job carry its trace, so that the deployment's own spans are parts of it. */
  propagate: z.boolean().default(false),
});
export type Telemetry = z.infer<typeof telemetrySchema>;
