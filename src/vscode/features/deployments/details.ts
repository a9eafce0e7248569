import { formatTime } from "../../../l10n/figures.ts";
import { listed, plural, t } from "../../../l10n/text.ts";
import { usersText, workspacesText } from "../../text.ts";
import { LOOKS } from "../../ui/looks.ts";
import { lineId } from "../../ui/tree-ids.ts";
import type { DetailNode } from "./tree-model.ts";

/** Of scale tests: in all, and by the run that made it; one without an id is another tool's. */
export interface LeftoverCounts {
  workspaces: number;
  users: number;
  runs: readonly { run: string | undefined; workspaces: number; users: number }[];
}

/** What a deployment says about itself; undefined: this user may not read it, or this edition has it not. */
export interface KnownDetails {
  kind: "known";
  /** Unix milliseconds at which it was asked. */
  at: number;
  version: string;
  versionIsTooOld: boolean;
  username: string;
  isOwner: boolean;
  daemons: { total: number; busy: number } | undefined;
  replicas: number | undefined;
  /** API calls a minute and user. */
  rateLimit: number | undefined;
  /** Workspaces and users named `scaletest-`. */
  leftovers: LeftoverCounts | undefined;
}

export type Details =
  | KnownDetails
  /** `signed_out`: the token is gone or is not accepted any more. */
  | { kind: "unreachable" | "signed_out"; at: number; message: string };

type Line = Pick<DetailNode, "label" | "description" | "icon"> & Partial<DetailNode>;

/** What this editor knows of a deployment by itself. */
export interface OwnKnowledge {
  tag: "sandbox" | "staging" | "";
  /** Sources of its own figures that are connected. */
  metrics: number;
}

/** The lines under a deployment. */
export function detailNodes(
  url: string,
  details: Details,
  own: OwnKnowledge,
  titles: ReadonlyMap<string, string> = new Map(),
): DetailNode[] {
  const lines =
    details.kind === "known"
      ? knownLines(details, own, leftRuns(url, details, titles))
      : failedLines(details);
  const asked = t("Asked at {0}", formatTime(details.at, "short"));
  return lines.map((line) => ({
    kind: "detail",
    id: lineId("detail", url, line.label),
    url,
    tooltip: [line.tooltip ?? `${line.label}: ${line.description}`, asked].join("\n"),
    spoken: `${line.label}, ${line.description}`,
    context: "detail",
    ...line,
  }));
}

function knownLines(
  details: KnownDetails,
  { tag, metrics }: OwnKnowledge,
  runs: readonly DetailNode[],
): Line[] {
  return [
    environmentLine(tag),
    {
      label: t("Version"),
      description: details.version,
      icon: "versions",
      ...(details.versionIsTooOld
        ? {
            ...LOOKS.doubtful,
            tooltip: t("Coder {0} is older than what this tool is made for", details.version),
          }
        : {}),
    },
    {
      label: t("User"),
      description: [details.username, details.isOwner ? t("owner") : t("not an owner")].join(" · "),
      icon: "account",
      ...(details.isOwner
        ? {}
        : {
            ...LOOKS.doubtful,
            tooltip: t("Creating users and reaching their workspaces needs an owner's token"),
          }),
    },
    daemonsLine(details.daemons),
    {
      label: t("Replicas"),
      description: details.replicas === undefined ? t("unknown") : String(details.replicas),
      icon: "server",
      ...(details.replicas === undefined
        ? { tooltip: t("This edition has only one, or this user may not read it") }
        : {}),
    },
    {
      label: t("Rate limit"),
      description:
        details.rateLimit === undefined
          ? t("none reported")
          : plural(details.rateLimit, { one: "{0} call a minute", other: "{0} calls a minute" }),
      icon: "dashboard",
      tooltip: t(
        "For each path, by this machine's address and not by user: it counts before the sign-in is looked at. Runs keep to it by themselves: the waiting is ours, and is counted",
      ),
    },
    metricsLine(metrics),
    leftoversLine(details.leftovers, runs),
  ];
}

const ERROR = { icon: "error", colour: "list.errorForeground" } as const;

function environmentLine(tag: "sandbox" | "staging" | ""): Line {
  const label = t("Environment");
  switch (tag) {
    case "sandbox":
      return { label, description: t("sandbox"), icon: "beaker" };
    case "staging":
      return { label, description: t("staging"), icon: "verified" };
    case "":
      return {
        label,
        description: t("production"),
        icon: "lock",
        tooltip: t(
          "Treated as production: its host name has to be typed before each run. Mark it as staging if load may be put on it.",
        ),
      };
  }
}

function daemonsLine(daemons: KnownDetails["daemons"]): Line {
  const label = t("Provisioner daemons");
  if (!daemons) return { label, description: t("unknown"), icon: "tools" };
  if (daemons.total > 0)
    return { label, description: t("{0} · {1} busy", daemons.total, daemons.busy), icon: "tools" };
  return { label, description: t("none: no build would begin"), ...LOOKS.doubtful };
}

function metricsLine(count: number): Line {
  return {
    label: t("Server metrics"),
    description:
      count === 0
        ? t("not connected")
        : plural(count, { one: "{0} source connected", other: "{0} sources connected" }),
    icon: count === 0 ? "debug-disconnect" : "plug",
    context: "detail.metrics",
    command: "scaletest.connectServerMetrics",
    tooltip: t(
      "Runs read the deployment's own figures beside theirs, and name what breaks first. A click connects them.",
    ),
  };
}

/** A line for each run that has left something there, whether this machine knows the run or not. */
function leftRuns(
  url: string,
  { leftovers }: KnownDetails,
  titles: ReadonlyMap<string, string>,
): DetailNode[] {
  return (leftovers?.runs ?? []).map(({ run, workspaces, users }): DetailNode => {
    const label = run === undefined ? t("Of another tool") : t("Run {0}", run);
    const title = titles.get(run ?? "") ?? (run === undefined ? "" : t("unknown here"));
    const amount = listed([workspacesText(workspaces), usersText(users)]);
    return {
      kind: "detail",
      id: lineId("detail", url, "left", run ?? ""),
      url,
      label: workspaces > 0 ? workspacesText(workspaces) : usersText(users),
      description: titles.has(run ?? "") ? title : [label, title].filter(Boolean).join(" · "),
      tooltip: [label, title, amount].filter(Boolean).join("\n"),
      spoken: [label, title, amount].filter(Boolean).join(", "),
      icon: "history",
      context: run === undefined ? "detail" : "detail.leftRun",
      ...(run === undefined ? {} : { runId: run }),
    };
  });
}

function leftoversLine(leftovers: KnownDetails["leftovers"], runs: readonly DetailNode[]): Line {
  const label = t("Leftovers");
  if (!leftovers) return { label, description: t("unknown"), icon: "search" };
  const { workspaces, users } = leftovers;
  if (workspaces + users === 0) return { label, description: t("none"), icon: "check" };
  return {
    label,
    description: listed([workspacesText(workspaces), usersText(users)]),
    icon: "trash",
    colour: "list.warningForeground",
    context: "detail.leftovers",
    command: "scaletest.findLeftovers",
    tooltip: t("Of scale tests that are running, were kept, or did not clean up. A click lists them."),
    children: runs,
  };
}

function failedLines({ kind, message }: Exclude<Details, KnownDetails>): Line[] {
  if (kind === "signed_out") {
    return [
      {
        label: t("The session has ended"),
        description: t("click to sign in again"),
        ...LOOKS.doubtful,
        tooltip: message,
        context: "detail.signIn",
        command: "scaletest.signIn",
      },
    ];
  }
  return [
    {
      label: t("It cannot be reached"),
      description: message,
      ...ERROR,
      tooltip: `${message}\n${t("A click tries again.")}`,
      context: "detail.retry",
      command: "scaletest.refreshDeployments",
    },
  ];
}
