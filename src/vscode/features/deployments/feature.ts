import { Disposable, env, Uri, window } from "vscode";
import { t } from "../../../l10n/text.ts";
import { deploymentChoice, urlOf } from "../../ask/pick-deployment.ts";
import { feature, registerCommands } from "../../commands.ts";
import type { DeploymentReference, SignInRequest } from "../../ids.ts";
import { hostOf } from "../../model/deployments/origin.ts";
import type { Session } from "../../model/deployments/session.ts";
import type { Parts } from "../../parts.ts";
import { BACK, type Inputs } from "../../ui/inputs.ts";
import { readCliLogin } from "./cli-login.ts";
import type { Details } from "./details.ts";
import { DeploymentsView, withoutToken } from "./view.ts";

/** Signing in and out, and the deployments that are signed in to, with what they say of themselves. */
export function registerDeployments({ session, tags, places, inputs, runs, context, front, log }: Parts) {
  const view = new DeploymentsView(
    session.store,
    { tags, places, front, titles: () => runs.titles() },
    (url) => inspect(session, url),
  );
  void tags.refresh();
  const commands = registerCommands(
    {
      "scaletest.signIn": (request) => signIn(session, request ?? {}),
      "scaletest.signInFromCli": async () => {
        const login = await readCliLogin();
        if (!login)
          throw new Error(t("The coder command is not logged in on this machine: coder login <address>"));
        await signIn(session, login, true);
      },
      "scaletest.signOut": async (deployment) => {
        const url = await signOut(inputs, session, deployment);
        if (url !== undefined) await places.forget(url);
      },
      "scaletest.openDeployment": (deployment) => env.openExternal(Uri.parse(urlOf(deployment))),
      "scaletest.markStaging": (deployment) => tags.mark(urlOf(deployment), true),
      "scaletest.unmarkStaging": (deployment) => tags.mark(urlOf(deployment), false),
      "scaletest.refreshDeployments": () => view.refresh(),
    },
    { front, log },
  );
  const registered = feature(
    commands,
    view,
    // Another window may have signed in or out.
    context.secrets.onDidChange(() => view.redraw()),
    // A run's end changes what is left on its deployment.
    new Disposable(runs.finished.on(({ file }) => view.refresh(file.deployment.url))),
  );
  return { ...registered, capacity: async (url: string) => capacityOf(await inspect(session, url)) };
}

/** What a deployment has to work with; undefined: it does not say. Throws with one sentence where it says nothing of it. */
function capacityOf(details: Details): { replicas: number | undefined; daemons: number | undefined } {
  if (details.kind !== "known") throw new Error(details.message);
  const { replicas, daemons } = details;
  if (replicas === undefined && daemons === undefined)
    throw new Error(t("It says nothing of replicas and daemons to this user"));
  return { replicas, daemons: daemons?.total };
}

/** Says who is signed in, unless the caller brought the token. */
async function signIn(session: Session, request: SignInRequest, says = !request.token): Promise<void> {
  const deployment = await session.signIn(request);
  if (!deployment || !says) return;
  void window.showInformationMessage(
    t("Signed in to {0} as {1}.", hostOf(deployment.url), deployment.username),
  );
}

/** Resolves with the deployment's address; undefined where the person left. */
async function signOut(
  inputs: Inputs,
  { store }: Session,
  deployment: DeploymentReference | undefined,
): Promise<string | undefined> {
  const url = deployment === undefined ? await chooseSignedIn(inputs, store) : urlOf(deployment);
  if (url !== undefined) await store.remove(url);
  return url;
}

async function chooseSignedIn(inputs: Inputs, store: Session["store"]): Promise<string | undefined> {
  const known = store.list();
  const answer = await inputs.choose({
    title: t("Sign Out"),
    back: false,
    placeholder:
      known.length > 0 ? t("Select a deployment to sign out of") : t("You're not signed in to a deployment"),
    choices: known.map((one) => deploymentChoice(one)),
  });
  return answer === undefined || answer === BACK ? undefined : answer.url;
}

/** What a deployment says about itself; asks for no sign-in: only looking is no reason to. */
async function inspect({ store, known }: Session, url: string): Promise<Details> {
  const token = await store.token(url);
  if (!token) return withoutToken();
  const { inspectDeployment } = await import("./inspect.ts");
  return inspectDeployment(await known(url, token));
}
