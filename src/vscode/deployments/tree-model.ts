import { hostOf } from "./origin.ts";
import type { KnownDeployment } from "./store.ts";

export interface DeploymentNode {
  /** Also an argument of commands: they take the deployment from it. */
  url: string;
  label: string;
  description: string;
  tooltip: string;
  spoken: string;
  icon: string;
  context: string;
}

/** Each with its tag, which says how it may be used. */
export function deploymentNodes(
  deployments: readonly KnownDeployment[],
  isStaging: (deployment: KnownDeployment) => boolean,
): DeploymentNode[] {
  return deployments.map((deployment) => {
    const tag = deployment.sandbox ? "sandbox" : isStaging(deployment) ? "staging" : "";
    const description = [tag, deployment.version, deployment.username].filter(Boolean).join(" · ");
    return {
      url: deployment.url,
      label: hostOf(deployment.url),
      description,
      tooltip: [
        deployment.url,
        `Coder ${deployment.version}, signed in as ${deployment.username}`,
        tag === "" ? "Not marked as a deployment for tests: its name is asked for before each test." : "",
      ]
        .filter(Boolean)
        .join("\n"),
      spoken: `${hostOf(deployment.url)}, ${description}`,
      icon: deployment.sandbox ? "beaker" : "server-environment",
      context: `deployment.${tag || "other"}`,
    };
  });
}
