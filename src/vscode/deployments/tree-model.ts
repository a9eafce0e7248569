import { t } from "../../l10n/text.ts";
import type { CommandId } from "../ids.ts";
import type { TreeLine } from "../tree-line.ts";
import { hostOf } from "./origin.ts";
import type { KnownDeployment } from "./store.ts";

/** A line of the tree. It is also an argument of commands, which take the deployment from it. */
interface Line extends TreeLine {
  url: string;
}

export interface DeploymentNode extends Line {
  kind: "deployment";
}

/** Something that is known of a deployment. */
export interface DetailNode extends Line {
  kind: "detail";
  /** What a click does, for this deployment. */
  command?: CommandId;
}

export function tagOf(deployment: KnownDeployment, isStaging: boolean): "sandbox" | "staging" | "" {
  return deployment.sandbox ? "sandbox" : isStaging ? "staging" : "";
}

function tagWord(tag: ReturnType<typeof tagOf>): string {
  if (tag === "sandbox") return t("sandbox");
  return tag === "staging" ? t("staging") : "";
}

/** Each with its tag, which says how it may be used. `failed`: it could not be asked when it was last tried. */
export function deploymentNodes(
  deployments: readonly KnownDeployment[],
  isStaging: (deployment: KnownDeployment) => boolean,
  failed: (deployment: KnownDeployment) => boolean = () => false,
): DeploymentNode[] {
  return deployments.map((deployment) => {
    const tag = tagOf(deployment, isStaging(deployment));
    const problem = failed(deployment);
    const description = [problem ? t("no answer") : "", tagWord(tag), deployment.username]
      .filter(Boolean)
      .join(" · ");
    return {
      kind: "deployment",
      url: deployment.url,
      label: hostOf(deployment.url),
      description,
      tooltip: [
        deployment.url,
        t("Coder {0}, signed in as {1}", deployment.version, deployment.username),
        tag === "" ? t("Not marked as a deployment for tests: its name is asked for before each test.") : "",
      ]
        .filter(Boolean)
        .join("\n"),
      spoken: `${hostOf(deployment.url)}, ${description}`,
      icon: problem ? "warning" : deployment.sandbox ? "beaker" : "server-environment",
      ...(problem ? { colour: "list.warningForeground" } : {}),
      context: `deployment.${tag || "other"}`,
    };
  });
}
