import { type PrometheusAsked, readAsked, ServerMetricsError } from "../../contract/server-words.ts";
import { readWeeklyPeak } from "../../insight/weekly-peak.ts";
import type { WeeklyPeak } from "../../protocol/weekly-peak.ts";
import { say } from "../../text/message.ts";
import { SaidError, saidOf } from "../../text/said-error.ts";
import type { Environment, NetworkSettings } from "../target/network.ts";
import { personNamed } from "./resolve.ts";

export interface PeakAsked {
  /** Words of a person, as `--server-metrics` takes them: one has to be of a Prometheus server. */
  words: readonly string[];
  env: Environment;
  /** Of an editor. */
  settings?: NetworkSettings;
  /** Of tests: Unix milliseconds. */
  nowMs?: number;
  signal: AbortSignal;
}

/** The one of these words that is of a Prometheus server; only such a server knows what was. Throws ServerMetricsError. */
export function prometheusAmong(words: readonly string[]): PrometheusAsked | undefined {
  return words
    .map((text) => readAsked(text, false))
    .find((asked): asked is PrometheusAsked => asked.kind === "prometheus-server");
}

/**
 * The highest figures of the last seven days. Rejects with ServerMetricsError or NetworkError where what is asked for
 * cannot be used, and with SaidError, one line, where the server does not say.
 */
export async function weeklyPeak({ words, env, settings, nowMs, signal }: PeakAsked): Promise<WeeklyPeak> {
  const asked = prometheusAmong(words);
  if (!asked)
    throw new ServerMetricsError(
      say("the last 7 days are known to a Prometheus server alone: name one, as {0}", EXAMPLE),
    );
  const { url, selector, kind } = asked;
  const server = { kind, selector, ...(await personNamed(url, { env, ...(settings ? { settings } : {}) })) };
  try {
    return await readWeeklyPeak(server, nowMs ?? Date.now(), signal);
  } catch (error) {
    signal.throwIfAborted();
    throw new SaidError(say("Prometheus {0}: {1}", new URL(url).host, saidOf(error)));
  }
}

const EXAMPLE = "prometheus+https://prometheus.example.com?namespace=coder";
