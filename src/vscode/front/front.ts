import { Disposable, type ExtensionContext } from "vscode";
import { t } from "../../l10n/text.ts";
import type { ScaleTestApi } from "../features/api/types.ts";
import { useEditorLanguage } from "../language.ts";
import { DeploymentStore } from "../model/deployments/store.ts";
import { showError } from "../ui/show-error.ts";
import { registerAccounts } from "./accounts.ts";
import { apiFront } from "./api.ts";
import { type Features, Loader } from "./loader.ts";
import { readContributed } from "./manifest.ts";
import { occasions } from "./occasions.ts";
import { registerStandIns, type StandIns } from "./stand-ins.ts";

/** The window has other things to do until then. */
const LOOK_AFTER_MS = 1_500;

/** What VS Code finds of the extension before anything of its features is loaded. */
export interface Front extends StandIns {
  /** The deployments that are signed in to. */
  store: DeploymentStore;
}

/** The module that has the features. */
export interface FeaturesModule {
  startFeatures(context: ExtensionContext, front: Front): Features;
}

/**
 * Puts up what VS Code has to find at once, and returns what other extensions may use. `load` is called at most once, when
 * somebody needs a feature.
 */
export function openFront(context: ExtensionContext, load: () => Promise<FeaturesModule>): ScaleTestApi {
  useEditorLanguage();
  let isClosed = false;
  const loader: Loader = new Loader(async () => {
    const { startFeatures } = await load();
    // To read it and to start it are two pieces of work: other extensions have a turn between them.
    await nextTurn();
    if (isClosed) throw new Error(t("the window is being closed"));
    const features = startFeatures(context, front);
    api.connect(features);
    looking.dispose();
    return features;
  });
  const api = apiFront(loader);
  const contributed = readContributed(context);
  const standIns = registerStandIns(contributed, loader);
  const store = new DeploymentStore(context.globalState, context.secrets);
  const front: Front = { ...standIns, store };
  const accounts = registerAccounts(contributed.accounts, store, async (request) =>
    (await loader.need()).signIn(request),
  );
  const looking = lookLater(context, () => void loader.need().catch(showError));
  const closing = new Disposable(() => {
    isClosed = true;
  });
  context.subscriptions.push(closing, standIns, api, accounts, looking);
  return api.api;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Looks, a while later, for what has a feature begin unasked; `due` is called once it is found. */
function lookLater(context: ExtensionContext, due: () => void): Disposable {
  const found: Disposable[] = [];
  const timer = setTimeout(() => {
    for (const look of occasions) found.push(look(context, due));
  }, LOOK_AFTER_MS);
  return new Disposable(() => {
    clearTimeout(timer);
    Disposable.from(...found).dispose();
  });
}
