import { type Command, Option } from "commander";
import { NetworkError } from "../app/target/network.ts";
import { HONEYCOMB_VARIABLE, TelemetryError, telemetryOf } from "../app/telemetry.ts";
import type { Telemetry } from "../protocol/telemetry.ts";
import type { CommonFlags } from "./command.ts";
import { CliError, EXIT } from "./exit.ts";

/** Coder's own flags for traces, and one for figures. */
export function telemetryFlags(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--trace",
        "send a trace of each job by OTLP over HTTP when the run ends ($OTEL_EXPORTER_OTLP_ENDPOINT, $OTEL_EXPORTER_OTLP_HEADERS; to Honeycomb by $CODER_SCALETEST_TRACE_HONEYCOMB_API_KEY)",
      ).env("CODER_SCALETEST_TRACE"),
    )
    .addOption(
      new Option(
        "--trace-propagate",
        "put the job's trace into its requests, so that coderd's own spans are parts of it (needs a coderd that traces)",
      ).env("CODER_SCALETEST_TRACE_PROPAGATE"),
    )
    .addOption(new Option("--trace-honeycomb-api-key <key>").hideHelp())
    .addOption(
      new Option(
        "--otlp-metrics",
        "send every figure by OTLP over HTTP, every ten seconds ($OTEL_EXPORTER_OTLP_ENDPOINT)",
      ).env("CODER_SCALETEST_OTLP_METRICS"),
    );
}

/** What the run sends; undefined: nothing. Throws CliError (usage). */
export async function runTelemetry(
  flags: CommonFlags,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Telemetry | undefined> {
  if (flags.traceHoneycombApiKey !== undefined)
    throw new CliError(
      `--trace-honeycomb-api-key could be read by others here: set ${HONEYCOMB_VARIABLE} instead`,
      EXIT.usage,
    );
  const isOn = (flag: boolean | string | undefined) =>
    flag !== undefined && !["", "0", "false"].includes(String(flag));
  try {
    return await telemetryOf({
      traces: isOn(flags.trace),
      metrics: isOn(flags.otlpMetrics),
      propagate: isOn(flags.tracePropagate),
      env,
    });
  } catch (error) {
    if (error instanceof TelemetryError || error instanceof NetworkError)
      throw new CliError(error.message, EXIT.usage);
    throw error;
  }
}
