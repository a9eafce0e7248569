import { hostname } from "node:os";
import path from "node:path";
import { commands, Disposable, EventEmitter, type ExtensionContext, env, l10n, Uri, window } from "vscode";
import { limitsOf, stricter } from "../app/guard.ts";
import { t, translateBy } from "../l10n/text.ts";
import { productHome, runsIn } from "../runs/home.ts";
import type { AskParts } from "./ask/draft.ts";
import type { Suggestion } from "./ask/wizard.ts";
import { registerCommands, setContextKey } from "./commands.ts";
import type { RunSummary, ScaleTestApi } from "./features/api/types.ts";
import { lastKey } from "./features/create/command.ts";
import { forgetEarlierParameters } from "./features/create/kept-answers.ts";
import { DeploymentAuthentication } from "./features/deployments/authentication.ts";
import type { Details } from "./features/deployments/details.ts";
import { DeploymentsView, withoutToken } from "./features/deployments/view.ts";
import { Comparisons, reportPage, writeFailures } from "./features/history/commands.ts";
import { problemLines } from "./features/history/failures.ts";
import { ReportTabs } from "./features/history/report-tabs.ts";
import { HistoryView } from "./features/history/view.ts";
import { type CleanupParts, findLeftoversOf } from "./features/leftovers/command.ts";
import { LeftoversView } from "./features/leftovers/view.ts";
import { LogDocuments } from "./features/panel/log-documents.ts";
import { Panels } from "./features/panel/panels.ts";
import { takeQuickstart } from "./features/quickstart/quickstart.ts";
import { announceEnds, signInNotices } from "./features/runs/notices.ts";
import { handOnSignIns } from "./features/runs/sign-ins.ts";
import { StatusItem } from "./features/runs/status/item.ts";
import { ActiveTestsView } from "./features/runs/tree/view.ts";
import { OwnSandbox } from "./features/sandbox/own-sandbox.ts";
import { startAny, startWorkload } from "./features/start/start.ts";
import { registerTasks } from "./features/tasks/provider.ts";
import { createHandlers, type HandlerParts } from "./handlers.ts";
import { type Log, messageOf } from "./host.ts";
import { ACTIVE_TESTS_VIEW, type ContextKey } from "./ids.ts";
import { createSession, type Session } from "./model/deployments/session.ts";
import { DeploymentStore } from "./model/deployments/store.ts";
import { DeploymentTags, tagFile } from "./model/deployments/tags.ts";
import { homeProblem } from "./model/runs/home-problem.ts";
import { RunList } from "./model/runs/run-list.ts";
import { runSource, watchRuns } from "./model/runs/source.ts";
import type { WatchedRun } from "./model/runs/watched-run.ts";
import { coderExtensionUrl, networkSettings, settings } from "./settings.ts";
import { quickInputs } from "./ui/quick-inputs.ts";
import { CREATE, TRAFFIC } from "./wizards.ts";

const FIND_AGAIN_MS = 1_000;

/** Makes the parts, gives each what it needs, and returns what other extensions may use. */
export function startExtension(context: ExtensionContext): ScaleTestApi {
  const texts = l10n.bundle && { language: env.language, contents: l10n.bundle };
  if (texts) translateBy(l10n.t, texts.language);
  const log = window.createOutputChannel("Scale Test", { log: true });
  const dist = Uri.joinPath(context.extensionUri, "dist").fsPath;
  const named = settings.home();
  const home = productHome(named ? { ...process.env, CODER_SCALETEST_HOME: named } : process.env);
  // A folder that cannot be used ends nothing here: signing in and leftovers do without it.
  const runsPath = runsIn(home);
  const unusable = homeProblem(home);
  if (unusable) log.error(unusable);
  const tags = new DeploymentTags(tagFile(home));
  const product = String((context.extension.packageJSON as { version?: unknown }).version ?? "");
  const source = runSource({ home, runs: runsPath, runnerPath: path.join(dist, "runner.js"), product });
  const runs = new RunList(source, log);
  const finder = new Finder(runs, log);
  const session = openSession(context);
  const sandbox = new OwnSandbox(path.join(dist, "cli.js"), session, context.globalState, log);
  // What is restored with the window may be of a run that is still being looked for.
  const openFound = async (id: string) => {
    await finder.first;
    return runs.open(id);
  };
  const logs = new LogDocuments(openFound);
  const panels = new Panels(context.extensionUri, logs, texts, openFound);
  const comparisons = new Comparisons();
  const reports = new ReportTabs(
    context.extensionUri,
    async (id) => runs.open(id),
    (run, nonce) => reportPage(dist, texts, run, nonce),
  );
  const view = new HistoryView(runs);
  const history = { inputs: quickInputs, runs, comparisons, reports, dist, texts, view };
  const leftovers = new LeftoversView();
  const deployments = new DeploymentsView(session.store, tags, (url) => inspect(session, url));
  const parts: HandlerParts = {
    inputs: quickInputs,
    runs,
    session,
    panels,
    sandbox,
    wizards: { ...askParts(context, session, tags), titles: () => titlesOf(runs) },
    history,
    cleanup: cleanupParts(session, runs),
    leftovers,
    setStaging: (url, staging) => tags.mark(url, staging),
    refreshDeployments: () => deployments.refresh(),
    showLog: () => log.show(),
  };
  context.subscriptions.push(
    log,
    logs,
    panels,
    sandbox,
    comparisons,
    reports,
    view,
    leftovers,
    new DeploymentAuthentication(session),
    deployments,
    new ActiveTestsView(runs),
    new StatusItem(runs),
    registerCommands(createHandlers(parts), log),
    registerTasks({
      runs,
      start: ({ workload, request }) => startWorkload(parts, workload, request),
      problems: async (run) => {
        const { file, failures } = await writeFailures(run);
        return problemLines(file, failures.problems);
      },
      suggestions: () => suggestionsFrom(context, session),
    }),
    new Disposable(watchRuns(runsPath, () => void finder.find())),
    new Disposable(announceEnds(runs, panels)),
    new Disposable(handOnSignIns(runs, session.store, signInNotices(), log)),
    // A run's end changes what is left on its deployment.
    new Disposable(
      runs.finished.on(({ file }) => {
        const { url } = file.deployment;
        deployments.refresh(url);
        refreshLeftovers(parts, leftovers, url).catch((error: unknown) => log.warn(messageOf(error)));
      }),
    ),
    finder,
    runs,
  );
  // Another window may have signed in or out.
  context.subscriptions.push(context.secrets.onDidChange(() => deployments.redraw()));
  followContext(runs, session, sandbox);
  void tags.refresh();
  void forgetEarlierParameters(
    context.globalState,
    context.globalState.keys().filter((key) => key.startsWith(lastKey(""))),
  );
  void sandbox.forgetEarlier().then(() => quickstart(parts, log));
  return apiOf(parts, context);
}

/** Looks for runs that others started: at once, when the folder changes, and again while one is too young. */
class Finder {
  readonly first: Promise<void>;
  readonly #runs: RunList;
  readonly #log: Log;
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(runs: RunList, log: Log) {
    this.#runs = runs;
    this.#log = log;
    this.first = this.find();
  }

  async find(): Promise<void> {
    clearTimeout(this.#again);
    try {
      const again = await this.#runs.find();
      if (again) this.#again = setTimeout(() => void this.find(), FIND_AGAIN_MS);
    } catch (error) {
      this.#log.warn(`the folder of runs could not be read: ${messageOf(error)}`);
    }
  }

  dispose(): void {
    clearTimeout(this.#again);
  }
}

function openSession(context: ExtensionContext): Session {
  const store = new DeploymentStore(context.globalState, context.secrets);
  return createSession({
    inputs: quickInputs,
    store,
    openExternal: (url) => void env.openExternal(Uri.parse(url)),
    suggestedUrl: coderExtensionUrl,
    loadProbe: () => import("./model/deployments/probe.ts"),
    // Only where it is needed: the system's certificates take a while to read.
    network: async (url) => {
      const { networkTo } = await import("../app/target/network.ts");
      return networkTo(url, { env: process.env, settings: networkSettings() });
    },
  });
}

function askParts(context: ExtensionContext, session: Session, tags: DeploymentTags): AskParts {
  return {
    inputs: quickInputs,
    memory: context.globalState,
    deployments: () => session.store.list(),
    isStaging: ({ url }) => tags.read(url),
    from: env.remoteName ? `${hostname()} (${env.remoteName})` : t("this machine ({0})", hostname()),
    target: session.target,
    signInAgain: async (url) => (await session.signIn({ url })) !== undefined,
    hasToken: async ({ url }) => (await session.store.token(url)) !== undefined,
    coderCli: settings.coderCli,
    limits: () => stricter(settings.limits(), limitsOf(process.env)),
    thresholds: async (workload) => {
      const wanted = settings.thresholds();
      if (wanted.length === 0) return [];
      const { thresholdsFor } = await import("./ask/thresholds.ts");
      return thresholdsFor(workload, wanted);
    },
  };
}

async function titlesOf(runs: RunList): Promise<ReadonlyMap<string, string>> {
  return new Map((await runs.stored()).map(({ file }) => [file.id, file.title]));
}

function cleanupParts(session: Session, runs: RunList): CleanupParts {
  return {
    inputs: quickInputs,
    deployments: () => session.store.list(),
    target: session.target,
    leftovers: findLeftoversOf,
    titles: () => titlesOf(runs),
    confirm: async (question, detail, action) =>
      (await window.showWarningMessage(question, { modal: true, detail }, action)) === action,
    say: (text) => void window.showInformationMessage(text),
  };
}

function followContext(runs: RunList, session: Session, sandbox: OwnSandbox): void {
  const signedIn = () => setContextKey("scaletest.signedIn", session.store.list().length > 0);
  session.store.changed.on(signedIn);
  const follow = (key: ContextKey, value: () => boolean) => {
    let last: boolean | undefined;
    const look = () => {
      const now = value();
      if (now !== last) setContextKey(key, now);
      last = now;
    };
    runs.changed.on(look);
    look();
  };
  follow("scaletest.runsActive", () => runs.active().length > 0);
  follow("scaletest.runnerSilent", () => runs.silent().length > 0);
  follow("scaletest.sessionExpired", () => runs.waiting().length > 0);
  sandbox.changed.on((running) => setContextKey("scaletest.sandboxRunning", running));
  signedIn();
  setContextKey("scaletest.ready", true);
}

/** What a deployment says about itself; asks for no sign-in: only looking is no reason to. */
async function inspect({ store, known }: Session, url: string): Promise<Details> {
  const token = await store.token(url);
  if (!token) return withoutToken();
  const { inspectDeployment } = await import("./features/deployments/inspect.ts");
  return inspectDeployment(await known(url, token));
}

/** What a run has left or removed is shown where somebody looks at it. Asks for no sign-in. */
async function refreshLeftovers(
  parts: Pick<HandlerParts, "session" | "cleanup">,
  view: LeftoversView,
  url: string,
): Promise<void> {
  if (view.shownUrl !== url) return;
  const token = await parts.session.store.token(url);
  if (!token) return;
  const leftovers = await parts.cleanup.leftovers(await parts.session.known(url, token), undefined);
  if (view.shownUrl === url) view.show(url, leftovers, await parts.cleanup.titles());
}

/** What was asked for last on each deployment that is still signed in to. */
async function suggestionsFrom({ globalState }: ExtensionContext, session: Session): Promise<Suggestion[]> {
  const { suggestedTasks } = await import("./features/tasks/suggestions.ts");
  return suggestedTasks(
    session.store.list().map(({ url }) => url),
    globalState,
  );
}

/** `npm start`: signs in to the sandbox that stands beside this window, and starts a run in it. */
async function quickstart(parts: HandlerParts, log: Log): Promise<void> {
  try {
    const wanted = await takeQuickstart();
    if (!wanted) return;
    await parts.session.signIn({ url: wanted.url, token: wanted.token });
    await commands.executeCommand(`${ACTIVE_TESTS_VIEW}.focus`);
    await startWorkload(parts, CREATE, wanted.request);
  } catch (error) {
    log.error(`quickstart: ${messageOf(error)}`);
    void window.showErrorMessage(messageOf(error));
  }
}

function apiOf(parts: HandlerParts, context: ExtensionContext): ScaleTestApi {
  const updated = new EventEmitter<RunSummary>();
  const unsubscribe = parts.runs.changed.on((run) => run && updated.fire(summaryOf(run)));
  context.subscriptions.push(updated, new Disposable(unsubscribe));
  return {
    version: 1,
    start: (request) => startWorkload(parts, CREATE, request),
    startTraffic: (request) => startWorkload(parts, TRAFFIC, request),
    startRun: (request) => startAny(parts, request),
    list: () => parts.runs.list().map(summaryOf),
    onDidUpdate: updated.event,
  };
}

function summaryOf({ id, title, condition, silentSince, snapshot }: WatchedRun): RunSummary {
  return { id, title, condition, silentSince, snapshot };
}
