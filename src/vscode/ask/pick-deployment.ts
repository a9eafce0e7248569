import { t } from "../../l10n/text.ts";
import type { DeploymentReference } from "../ids.ts";
import { deploymentName, hostOf } from "../model/deployments/origin.ts";
import type { KnownDeployment } from "../model/deployments/store.ts";
import type { Choice } from "../ui/inputs.ts";

/** The address of the deployment that a reference names. */
export function urlOf(deployment: DeploymentReference): string {
  return typeof deployment === "string" ? deployment : deployment.url;
}

/**
 * A deployment as a choice, called as in the tree, with who is signed in; nobody where the token is gone. `isStaging`: where
 * load is to be put on it, it says first whether it counts as production.
 */
export function deploymentChoice(
  deployment: KnownDeployment,
  { hasToken = true, isStaging }: { hasToken?: boolean; isStaging?: boolean } = {},
): Choice<KnownDeployment> {
  const { url, sandbox, version, username } = deployment;
  const tag = sandbox || isStaging === undefined ? "" : isStaging ? t("staging") : t("production");
  const who = !hasToken ? t("signed out") : sandbox ? hostOf(url) : `${version} · ${username}`;
  // A line with an icon beside one without begins elsewhere: all of a list have one, or none.
  const known = sandbox ? "$(beaker) " : isStaging ? "$(server-environment) " : "$(lock) ";
  const icon = isStaging === undefined ? "" : known;
  return {
    label: `${icon}${deploymentName(deployment)}`,
    description: [tag, who].filter(Boolean).join(" · "),
    value: deployment,
  };
}
