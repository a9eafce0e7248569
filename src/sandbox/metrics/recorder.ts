import type { Job } from "../state/jobs.ts";
import { jobStatus } from "../state/jobs.ts";
import type { Build } from "../state/model.ts";
import { Histogram, Numbers } from "./instruments.ts";

const REQUEST_BOUNDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 10, 30];
const SOCKET_BOUNDS = [0.001, 1, 60, 3600, 54_000, 108_000];
/** As coderd's own (coderd/database/dbmetrics/querymetrics.go). */
const QUERY_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const JOB_BOUNDS = [1, 10, 30, 60, 300, 600, 1800, 3600];

export const TRANSITION_WORDS = { start: "START", stop: "STOP", delete: "DESTROY" } as const;

/**
 * What is counted while it happens; the rest of the metrics is read off the state when asked for. One that is made anew
 * counts from 0, as that of a server which was restarted.
 */
export class Recorder {
  readonly #processed = new Numbers(
    "coderd_api_requests_processed_total",
    "counter",
    "API requests answered.",
  );
  readonly #latencies = new Histogram(
    "coderd_api_request_latencies_seconds",
    "How long API requests took.",
    REQUEST_BOUNDS,
  );
  readonly #requests = new Numbers("coderd_api_concurrent_requests", "gauge", "API requests being answered.");
  readonly #sockets = new Numbers(
    "coderd_api_concurrent_websockets",
    "gauge",
    "API WebSockets that are open.",
  );
  readonly #durations = new Histogram(
    "coderd_api_websocket_durations_seconds",
    "How long API WebSockets were open.",
    SOCKET_BOUNDS,
  );
  readonly #jobs = new Histogram(
    "coderd_provisionerd_job_timings_seconds",
    "How long jobs took.",
    JOB_BOUNDS,
  );
  readonly #buildTimes = new Histogram(
    "coderd_provisionerd_workspace_build_timings_seconds",
    "How long builds of workspaces took.",
    JOB_BOUNDS,
  );
  readonly #queries = new Histogram(
    "coderd_db_query_latencies_seconds",
    "How long queries took.",
    QUERY_BOUNDS,
  );
  readonly #builds = new Numbers(
    "coderd_workspace_builds_total",
    "counter",
    "Builds of workspaces that ended.",
  );

  /** The deployment's database has answered: for the load model, one query stands for all of a request. */
  query(seconds: number): void {
    this.#queries.observe({ query: "GetWorkspaces" }, seconds);
  }

  /**
   * `tookMs`: what it has taken before.
   * @returns what to call with the status code once it is answered; 101 only ends the request
   */
  request(method: string, path: string, tookMs = 0): (code: number) => void {
    const started = performance.now() - tookMs;
    this.#requests.add({ method, path });
    return (code) => {
      this.#requests.add({ method, path }, -1);
      if (code === 101) return;
      this.#processed.add({ code: String(code), method, path });
      this.#latencies.observe({ method, path }, (performance.now() - started) / 1000);
    };
  }

  /** @returns what to call when it ends; a WebSocket counts as processed only then, with code 101 */
  socket(method: string, path: string): () => void {
    const started = performance.now();
    this.#sockets.add({ path });
    return () => {
      this.#sockets.add({ path }, -1);
      this.#processed.add({ code: "101", method, path });
      this.#durations.observe({ path }, (performance.now() - started) / 1000);
    };
  }

  /** A daemon is done with a job. */
  job(job: Job, build: Build | undefined, seconds: number): void {
    // A job cancelled while pending counts as failed, one cancelled while it applied by whether it applied.
    const failed = job.error !== undefined || (jobStatus(job) === "canceled" && !build?.resources.length);
    this.#jobs.observe({ provisioner: "terraform", status: failed ? "failed" : "success" }, seconds);
    if (!build) return;
    const template = { template_name: build.workspace.template.name, template_version: build.version.name };
    const workspace_transition = TRANSITION_WORDS[build.transition];
    const status = failed ? "failed" : "success";
    this.#buildTimes.observe({ status, ...template, workspace_transition }, seconds);
    this.#builds.add({
      status,
      ...template,
      workspace_name: build.workspace.name,
      workspace_owner: build.workspace.owner.username,
      workspace_transition,
    });
  }

  expose(): string[] {
    return [
      this.#processed,
      this.#latencies,
      this.#requests,
      this.#sockets,
      this.#durations,
      this.#jobs,
      this.#buildTimes,
      this.#builds,
      this.#queries,
    ].flatMap((one) => one.expose());
  }
}
