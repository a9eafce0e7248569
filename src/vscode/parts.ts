import path from "node:path";
import { Disposable, type ExtensionContext, env, type LogOutputChannel, Uri, window } from "vscode";
import type { PageTexts } from "../protocol/page-texts.ts";
import { runsIn } from "../runs/home.ts";
import { wizardParts } from "./ask/parts.ts";
import type { WizardParts } from "./ask/wizard.ts";
import type { Front } from "./front/front.ts";
import { editorHome } from "./home.ts";
import { useEditorLanguage } from "./language.ts";
import { MetricsPlaces } from "./model/deployments/metrics-places.ts";
import { createSession, type Session } from "./model/deployments/session.ts";
import type { DeploymentStore } from "./model/deployments/store.ts";
import { DeploymentTags, tagFile } from "./model/deployments/tags.ts";
import { Finder } from "./model/runs/finder.ts";
import { homeProblem } from "./model/runs/home-problem.ts";
import { RunList } from "./model/runs/run-list.ts";
import { runSource } from "./model/runs/source.ts";
import type { WatchedRun } from "./model/runs/watched-run.ts";
import { ScenarioDocuments } from "./model/scenarios/read-document.ts";
import { coderExtensionUrl, networkSettings } from "./settings.ts";
import type { Inputs } from "./ui/inputs.ts";
import { quickInputs } from "./ui/quick-inputs.ts";

/** What the features have in common. */
export interface Parts {
  log: LogOutputChannel;
  /** Where what VS Code asks for is provided. */
  front: Front;
  inputs: Inputs;
  /** What this window keeps from one start to the next, and its secrets. */
  context: Pick<ExtensionContext, "globalState" | "secrets">;
  runs: RunList;
  /** A run of what is restored with the window, which may come before the runs have been looked for. */
  restoredRun(id: string): Promise<WatchedRun | undefined>;
  session: Session;
  /** Which deployments are there to be tested. */
  tags: DeploymentTags;
  /** Where their own figures are. */
  places: MetricsPlaces;
  /** What asking for a run takes. */
  wizards: WizardParts;
  /** Scenario files that are open. */
  scenarios: ScenarioDocuments;
  /** Folder of the runs. */
  runsFolder: string;
  /** Folder of the extension. */
  extension: Uri;
  /** Path of its built files. */
  dist: string;
  /** Of the editor's language, for pages; none: English. */
  texts: PageTexts | undefined;
  dispose(): void;
}

export function createParts(context: ExtensionContext, front: Front): Parts {
  const texts = useEditorLanguage();
  const log = window.createOutputChannel("Scale Test", { log: true });
  const home = editorHome();
  // A folder that cannot be used ends nothing here: signing in and leftovers do without it.
  const unusable = homeProblem(home);
  if (unusable) log.error(unusable);
  const dist = Uri.joinPath(context.extensionUri, "dist").fsPath;
  const folder = runsIn(home);
  const product = String((context.extension.packageJSON as { version?: unknown }).version ?? "");
  const source = runSource({ home, runs: folder, runnerPath: path.join(dist, "runner.js"), product });
  const runs = new RunList(source, log);
  const finder = new Finder(runs, folder, log);
  const session = openSession(front.store);
  const tags = new DeploymentTags(tagFile(home));
  const { globalState: memory, secrets } = context;
  const places = new MetricsPlaces(memory, secrets);
  const wizards = wizardParts({ inputs: quickInputs, memory, runs, session, tags, places });
  return {
    log,
    front,
    inputs: quickInputs,
    context,
    runs,
    restoredRun: (id) => finder.open(id),
    session,
    tags,
    places,
    wizards,
    scenarios: new ScenarioDocuments(wizards.limits),
    runsFolder: folder,
    extension: context.extensionUri,
    dist,
    texts,
    dispose: () => void Disposable.from(finder, runs, log).dispose(),
  };
}

function openSession(store: DeploymentStore): Session {
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
