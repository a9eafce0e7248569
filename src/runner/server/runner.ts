import { existsSync, rmSync } from "node:fs";
import path from "node:path";
import { usableNetwork } from "../../coder/network.ts";
import { refusedOutcome } from "../../engine/record/result.ts";
import { Run } from "../../engine/run.ts";
import type { RunInput } from "../../engine/run-input.ts";
import { SIGN_IN_LIMIT_MS } from "../../engine/sign-in.ts";
import { checkOrder } from "../../engine/steps/schedule.ts";
import type { StepInput } from "../../engine/steps/step.ts";
import { afterRunning } from "../../engine/time.ts";
import { runThresholds } from "../../measure/run-threshold.ts";
import { bareResult } from "../../protocol/bare-result.ts";
import { parseDuration } from "../../protocol/duration.ts";
import { type BuildLog, HEARTBEAT_MS, type News } from "../../protocol/messages.ts";
import { NewsWriter } from "../../protocol/news.ts";
import type { Sample, Snapshot } from "../../protocol/snapshot.ts";
import { workspacePage } from "../../protocol/workspace-page.ts";
import { writeResult } from "../../runs/final.ts";
import { type RunFile, readRunFile, writeRunFile } from "../../runs/run-file.ts";
import { socketPath } from "../../system/socket-path.ts";
import { type Message, say } from "../../text/message.ts";
import { SaidError, saidOf } from "../../text/said-error.ts";
import { workloadNamed } from "../../workloads/index.ts";
import { comparedSteps, openBaseline } from "./baseline.ts";
import { preparePrivateFolder } from "./private-folder.ts";
import { RunnerServer, type RunnerService } from "./server.ts";
import { withKept, writtenOf } from "./written-config.ts";

const NOT_STARTED = say("the run has not been started yet");

const SNAPSHOT_MS = 250;
/** A runner that nobody starts, and a finished one that nobody watches, ends after this. */
const LONELY_MS = 10_000;
/** Over the run's own time limits: no runner lives for ever, whatever hangs. */
const DEADLINE_GRACE_MS = 5 * 60_000;
const LONGEST_SIGN_IN_MS = 24 * 3_600_000;

export interface RunnerPlaces {
  /** dist, where the other bundles are. */
  dist: string;
  home: string;
}

/** The process of one run: its socket, its life and its end. */
export class Runner implements RunnerService {
  readonly token: string;
  readonly runId: string;
  #folder: string;
  #file: RunFile;
  #places: RunnerPlaces;
  #socket: string;
  #server: RunnerServer;
  /** Somebody has asked for the start, whatever came of it. */
  #asked = false;
  #run: Run | undefined;
  #endWithClient = false;
  #stopAsked: { keep: boolean } | undefined;
  #finished = false;
  #lonely: NodeJS.Timeout | undefined;
  #lastSent = "";
  readonly #news = new NewsWriter();
  #listening = true;

  constructor(folder: string, file: RunFile, places: RunnerPlaces) {
    this.#folder = folder;
    this.#file = file;
    this.#places = places;
    this.token = file.runner.token;
    this.runId = file.id;
    this.#socket = socketPath(file.id);
    this.#server = new RunnerServer(this);
  }

  /** Listens, and says where in run.json. */
  static async open(folder: string, places: RunnerPlaces): Promise<Runner> {
    const runner = new Runner(folder, await readRunFile(folder), places);
    setInterval(() => runner.#beat(), HEARTBEAT_MS).unref();
    preparePrivateFolder(runner.#socket);
    await runner.#server.listen(runner.#socket);
    runner.#listening = false;
    runner.#file.runner = { ...runner.#file.runner, pid: process.pid, socket: runner.#socket };
    await writeRunFile(folder, runner.#file);
    runner.#awaitCompany();
    return runner;
  }

  /** Proof of life; and a socket that was removed (a cleaner of temporary folders) is made again. */
  #beat(): void {
    this.#server.send("run/heartbeat", { t: Date.now() });
    if (this.#socket.startsWith("\\\\") || existsSync(this.#socket) || this.#listening) return;
    this.#listening = true;
    Promise.resolve()
      .then(() => preparePrivateFolder(this.#socket))
      .then(() => this.#server.listenAgain(this.#socket))
      .catch((error: unknown) => console.error(`the socket cannot be made again: ${error}`))
      .finally(() => {
        this.#listening = false;
      });
  }

  async start(params: Parameters<RunnerService["start"]>[0]): Promise<void> {
    if (this.#asked) throw new SaidError(say("the run has been started already"));
    this.#asked = true;
    this.#endWithClient = params.endWithClient;
    try {
      const input = await this.#withBaseline(this.#inputOf(params), params);
      await writeRunFile(this.#folder, this.#file);
      this.#run = await Run.open(input);
      this.#execute(this.#run, input).catch((error: unknown) => die(error));
    } catch (error) {
      await this.#refuse(saidOf(error));
      throw error;
    }
  }

  /** The run ends before it has begun: its folder says why. */
  async #refuse(refusal: Message): Promise<void> {
    const outcome = refusedOutcome(refusal);
    const result = bareResult(this.#file.id, outcome);
    // Where the disk refuses this too, whoever asked for the run removes the folder.
    await writeResult(this.#folder, result, outcome).catch(() => undefined);
  }

  /** Throws an Error with one line where something of it cannot be used. */
  #inputOf(params: Parameters<RunnerService["start"]>[0]): RunInput {
    const asked = params.steps ?? this.#file.steps;
    const steps = asked.map((step) => ({
      ...step,
      checked: workloadNamed(step.workload).check(step.config),
    }));
    checkOrder(steps);
    const judged = steps.map(({ name, workload }) => ({ name, metrics: workloadNamed(workload).metrics }));
    const thresholds = runThresholds(params.thresholds, judged);
    this.#file = {
      ...this.#file,
      steps: asked.map((step) => ({
        ...step,
        ...writtenOf(workloadNamed(step.workload).fields, step.config),
      })),
      ...(params.thresholds.length > 0 ? { thresholds: params.thresholds } : {}),
      ...(params.limit ? { limit: params.limit } : {}),
    };
    const network = usableNetwork(params.target.network, params.target.url);
    return {
      header: {
        id: this.#file.id,
        title: this.#file.title,
        workload: this.#file.workload,
        deployment: this.#file.deployment,
        createdAt: this.#file.createdAt,
        host: this.#file.host,
      },
      folder: this.#folder,
      steps,
      thresholds,
      target: { ...params.target, network },
      guard: params.guard,
      allowRun: params.allowRun,
      limit: params.limit,
      serverMetrics: params.serverMetrics && {
        ...params.serverMetrics,
        sources: params.serverMetrics.sources.map((source) =>
          "network" in source ? { ...source, network: usableNetwork(source.network, source.url) } : source,
        ),
      },
      telemetry: params.telemetry,
      signInLimitMs: signInLimitMs(process.env),
      files: {
        sandboxCoder: [process.execPath, path.join(this.#places.dist, "sandbox-coder.js")],
        shardScript: path.join(this.#places.dist, "shard.js"),
        cliFolder: path.join(this.#places.home, "cli"),
        runFolder: this.#folder,
      },
      test: () => ({
        url: this.#file.deployment.url,
        sandbox: this.#file.deployment.sandbox,
        steps: this.#file.steps,
      }),
      onKept: (name, kept) =>
        this.#keep({
          steps: this.#file.steps.map((step) =>
            step.name === name ? { ...step, ...withKept(step, kept) } : step,
          ),
        }),
      onDeployment: (deployment) => this.#keep({ deployment }),
    };
  }

  /** Rejects with one sentence where it cannot be compared with what was asked for. */
  async #withBaseline(input: RunInput, params: Parameters<RunnerService["start"]>[0]): Promise<RunInput> {
    if (!params.baseline) return input;
    const test = { url: params.target.url, steps: params.steps ?? this.#file.steps };
    return {
      ...input,
      baseline: await openBaseline(params.baseline, { test, steps: comparedSteps(test.steps) }),
    };
  }

  /** A run goes on without its record. */
  #keep(more: Partial<RunFile>): void {
    this.#file = { ...this.#file, ...more };
    void writeRunFile(this.#folder, this.#file).catch(() => undefined);
  }

  async #execute(run: Run, input: RunInput): Promise<void> {
    run.log.onSample = (sample) => this.#server.send("run/sample", sample);
    if (this.#stopAsked) run.stop(this.#stopAsked.keep);
    const ticker = setInterval(() => this.#sendSnapshot(), SNAPSHOT_MS);
    const callOff = afterRunning(
      deadlineMs(input.steps) + 2 * (input.serverMetrics?.aroundMs ?? 0),
      run.rest,
      () => {
        console.error("the run outlived every time limit of its own and is ended");
        process.exit(1);
      },
    );
    await run.execute();
    callOff();
    clearInterval(ticker);
    this.#finished = true;
    this.#lastSent = "";
    this.#sendSnapshot();
    this.#awaitCompany();
  }

  snapshot(): Snapshot | undefined {
    return this.#run?.snapshot();
  }

  stop(keep: boolean): void {
    this.#stopAsked = { keep: keep || (this.#stopAsked?.keep ?? false) };
    this.#run?.stop(keep);
  }

  pause(paused: boolean): Message {
    return this.#run?.pause(paused) ?? say("the run has not been started yet");
  }

  renew(token: string): Promise<Message> {
    return this.#run?.renew(token) ?? Promise.reject(new SaidError(NOT_STARTED));
  }

  workspaces(query: Parameters<RunnerService["workspaces"]>[0]): ReturnType<RunnerService["workspaces"]> {
    return workspacePage(this.#run?.rows ?? [], query);
  }

  series(query: Parameters<RunnerService["series"]>[0]): Sample[] {
    const samples = this.#run?.log.samples ?? [];
    return samples.filter((sample) => sample.second > query.after).slice(-query.limit);
  }

  setLevel(step: string, of: string, value: number): Message {
    if (!this.#run) throw new SaidError(NOT_STARTED);
    return this.#run.setLevel(step, of, value);
  }

  buildLog(step: string, index: number): Promise<BuildLog> {
    return this.#run?.buildLog(step, index) ?? Promise.reject(new SaidError(NOT_STARTED));
  }

  starterLeft(): void {
    if (this.#endWithClient && !this.#finished) this.stop(false);
  }

  watchersChanged(): void {
    this.#awaitCompany();
  }

  /** Ends a process that has nothing to do for anybody. */
  #awaitCompany(): void {
    clearTimeout(this.#lonely);
    const idle = this.#finished || !this.#run;
    if (!idle || this.#server.watchers > 0) return;
    this.#lonely = setTimeout(() => void this.#leave(), this.#finished ? 500 : LONELY_MS);
  }

  async #leave(): Promise<void> {
    if (!this.#asked) await this.#refuse(say("nobody started the run"));
    this.exit(0);
  }

  #sendSnapshot(): void {
    const snapshot = this.#run?.snapshot();
    if (!snapshot) return;
    const news = this.#news.of(snapshot);
    const text = JSON.stringify(bySeconds(news));
    if (text === this.#lastSent) return;
    this.#lastSent = text;
    this.#server.send("run/snapshot", news, snapshot);
  }

  exit(code: number): void {
    this.#listening = true;
    this.#server.close();
    if (!this.#socket.startsWith("\\\\")) rmSync(this.#socket, { force: true });
    // Whoever watched gets the last words; then nothing holds the process.
    setTimeout(() => process.exit(code), 50);
  }
}

/** Time that passes is no news more often than once a second. */
function bySeconds(news: News): News {
  const { elapsedMs, remainingMs, standstillMs, steps } = news;
  return {
    ...news,
    elapsedMs: Math.floor(elapsedMs / 1_000),
    remainingMs: remainingMs && Math.floor(remainingMs / 1_000),
    ...(standstillMs === undefined ? {} : { standstillMs: Math.floor(standstillMs / 1_000) }),
    steps: steps.map((step) => {
      const { part } = step;
      if (!part?.remainingMs) return step;
      return { ...step, part: { ...part, remainingMs: Math.floor(part.remainingMs / 1_000) } };
    }),
  };
}

/** Something of the runner itself is broken: watchers see it die, and its log says why. */
function die(error: unknown): never {
  console.error(`internal error: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
  process.exit(1);
}

/** CODER_SCALETEST_SIGN_IN_LIMIT: how long a run waits for a sign-in; 0 is not at all. Throws where it is no duration. */
function signInLimitMs(env: NodeJS.ProcessEnv): number {
  const text = env.CODER_SCALETEST_SIGN_IN_LIMIT;
  if (!text) return SIGN_IN_LIMIT_MS;
  const ms = parseDuration(text);
  if (ms === undefined || ms > LONGEST_SIGN_IN_MS)
    throw new SaidError(
      say('CODER_SCALETEST_SIGN_IN_LIMIT "{0}" is not a duration of at most a day, such as 10m', text),
    );
  return ms;
}

function deadlineMs(steps: readonly StepInput[]): number {
  const sum = steps.reduce((total, step) => total + longestMs(step), 0);
  return Math.min(2 ** 31 - 1, sum + DEADLINE_GRACE_MS);
}

/** From the moment at which what it waits for is there. */
function longestMs({ begin, checked }: StepInput): number {
  const { timeoutMs, cleanupTimeoutMs, dryRunTimeoutMs, durationMs } = checked.config;
  const known = [timeoutMs, cleanupTimeoutMs, dryRunTimeoutMs, durationMs].filter(
    (ms): ms is number => typeof ms === "number",
  );
  const waitMs = begin && "ms" in begin ? begin.ms : 0;
  // A limit of 0 is "none": then a day has to do.
  return known.reduce((total, ms) => total + (ms === 0 ? 24 * 3_600_000 : ms), waitMs);
}
