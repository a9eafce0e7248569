import { t } from "../../../l10n/text.ts";
import type { CommandId } from "../../ids.ts";
import { deploymentName, hostOf } from "../../model/deployments/origin.ts";
import type { KnownDeployment } from "../../model/deployments/store.ts";
import { LOOKS, type Look } from "../../ui/looks.ts";
import { lineId } from "../../ui/tree-ids.ts";
import type { TreeLine } from "../../ui/tree-line.ts";

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
  /** The run that it is about. */
  runId?: string;
  children?: readonly DetailNode[];
}

export function tagOf(deployment: KnownDeployment, isStaging: boolean): "sandbox" | "staging" | "" {
  return deployment.sandbox ? "sandbox" : isStaging ? "staging" : "";
}

function tagWord(tag: ReturnType<typeof tagOf>): string {
  if (tag === "sandbox") return t("sandbox");
  return tag === "staging" ? t("staging") : t("production");
}

/** How a deployment was found when it was last looked at. */
export type Standing =
  | "signed_in"
  /** It could not be asked. */
  | "unreachable"
  /** The token is gone, or is not accepted any more. */
  | "signed_out";

const PROBLEMS: Readonly<Record<Standing, { word: () => string; look?: Look }>> = {
  signed_in: { word: () => "" },
  unreachable: { word: () => t("no answer"), look: LOOKS.doubtful },
  signed_out: { word: () => t("signed out"), look: LOOKS.expired },
};

/** What counts as production is locked: its name has to be typed. */
const ICONS = { sandbox: "beaker", staging: "server-environment", "": "lock" } as const;

/** Each with its tag, which says how it may be used. */
export function deploymentNodes(
  deployments: readonly KnownDeployment[],
  isStaging: (deployment: KnownDeployment) => boolean,
  standingOf: (deployment: KnownDeployment) => Standing = () => "signed_in",
): DeploymentNode[] {
  return deployments.map((deployment) => {
    const tag = tagOf(deployment, isStaging(deployment));
    const standing = standingOf(deployment);
    const problem = PROBLEMS[standing];
    const isOut = standing === "signed_out";
    const said = (tagText: string) =>
      [problem.word(), tagText, isOut ? "" : deployment.username].filter(Boolean).join(" · ");
    const host = hostOf(deployment.url);
    return {
      kind: "deployment",
      id: lineId("deployment", deployment.url),
      url: deployment.url,
      label: deploymentName(deployment),
      // A sandbox has one user. A narrow side bar would show that name and cut the port.
      description: deployment.sandbox ? problem.word() : said(tagWord(tag)),
      tooltip: [
        deployment.url,
        isOut
          ? t("Coder {0}, signed out: {1} was signed in last", deployment.version, deployment.username)
          : t("Coder {0}, signed in as {1}", deployment.version, deployment.username),
        tag === "" ? t("Treated as production: its host name has to be typed before each run.") : "",
      ]
        .filter(Boolean)
        .join("\n"),
      spoken: `${host}, ${said(tagWord(tag))}`,
      ...(problem.look ?? { icon: ICONS[tag] }),
      context: `deployment.${tag || "other"}`,
    };
  });
}
