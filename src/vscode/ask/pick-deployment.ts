import { t } from "../../l10n/text.ts";
import type { DeploymentReference } from "../ids.ts";
import { hostOf } from "../model/deployments/origin.ts";
import type { KnownDeployment } from "../model/deployments/store.ts";
import type { Choice } from "../ui/inputs.ts";

/** The address of the deployment that a reference names. */
export function urlOf(deployment: DeploymentReference): string {
  return typeof deployment === "string" ? deployment : deployment.url;
}

/** A deployment as a choice, with who is signed in; nobody where the token is gone. */
export function deploymentChoice(deployment: KnownDeployment, hasToken = true): Choice<KnownDeployment> {
  const { url, sandbox, version, username } = deployment;
  const description = !hasToken ? t("signed out") : sandbox ? t("sandbox") : `${version} · ${username}`;
  return { label: hostOf(url), description, value: deployment };
}
