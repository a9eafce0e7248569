import { readAsked, ServerMetricsError } from "../../../contract/server-words.ts";
import { t, wordsOf } from "../../../l10n/text.ts";
import { saidOf } from "../../../text/said-error.ts";
import type { MetricsPlace, MetricsPlaces } from "../../model/deployments/metrics-places.ts";
import { hostOf } from "../../model/deployments/origin.ts";
import { type Answer, BACK, type Choice, type Inputs } from "../../ui/inputs.ts";

/** What connecting a deployment's own figures needs of the world. */
export interface ConnectParts {
  inputs: Inputs;
  places: MetricsPlaces;
  /** Tries what is connected; a line for each finding. Rejects with one sentence where something cannot be used. */
  try(url: string): Promise<readonly string[]>;
  /** The kubeconfig that kubectl would take. */
  kubeconfig: string;
  /** A modal question; false where the person declines. */
  confirm(question: string, detail: string, action: string): Promise<boolean>;
  say(text: string): void;
}

type Kind = "auto" | "page" | "prometheus" | "postgres" | "kubernetes" | "api";
type Chosen = { add: Kind } | { remove: string } | { removeKube: true } | "try" | "disconnect";

/** Asks until the person leaves: what is connected, what else there could be, and what is tried. */
export async function connectMetrics(parts: ConnectParts, url: string): Promise<void> {
  while (true) {
    const chosen = await parts.inputs.choose<Chosen>({
      title: titleOf(url),
      back: false,
      placeholder: t(
        "Runs read these figures beside their own, and name what breaks first. Escape when done",
      ),
      choices: choicesOf(parts.places.of(url)),
    });
    if (chosen === undefined || chosen === BACK) return;
    if (chosen === "disconnect") return parts.places.forget(url);
    if (chosen === "try") await tell(parts, url);
    else if ("add" in chosen) {
      if (await ADD[chosen.add](parts, url)) await tell(parts, url);
    } else await remove(parts, url, chosen);
  }
}

const titleOf = (url: string) => t("Server Metrics of {0}", hostOf(url));

function choicesOf(place: MetricsPlace): Choice<Chosen>[] {
  const { words, kube } = place;
  const has = (word: string) => words.includes(word);
  const known: Choice<Chosen>[] = words.map((word) => ({
    label: `$(plug) ${NAMES[word]?.() ?? word}`,
    description: t("connected; select it to remove it"),
    value: { remove: word },
  }));
  if (kube)
    known.push({
      label: `$(plug) ${t("Kubernetes")}`,
      description: t("connected; select it to remove it"),
      detail: [kube.file, kube.context, kube.namespace].filter(Boolean).join(" · "),
      value: { removeKube: true },
    });
  const [first] = known;
  if (first) first.group = t("Connected");
  const more = KINDS.filter(({ kind }) => !has(kind) && !(kind === "kubernetes" && kube)).map(
    ({ kind, icon, label, detail }): Choice<Chosen> => ({
      label: `$(${icon}) ${label()}`,
      detail: detail(),
      value: { add: kind },
    }),
  );
  const [next] = more;
  if (next) next.group = t("Add");
  const then: Choice<Chosen>[] =
    known.length === 0
      ? []
      : [
          { label: t("$(check) Try what is connected"), group: t("Then"), value: "try" },
          { label: t("$(debug-disconnect) Disconnect all"), value: "disconnect" },
        ];
  return [...known, ...more, ...then];
}

const NAMES: Readonly<Record<string, () => string>> = {
  auto: () => t("coderd's own metrics page"),
  api: () => t("The deployment's API"),
  postgres: () => t("PostgreSQL"),
};

const KINDS: readonly { kind: Kind; icon: string; label: () => string; detail: () => string }[] = [
  {
    kind: "auto",
    icon: "search",
    label: () => t("coderd's own metrics page"),
    detail: () => t("Where the deployment's configuration says that it is"),
  },
  {
    kind: "page",
    icon: "link",
    label: () => t("A metrics page at an address…"),
    detail: () => t("One for each replica, such as http://10.0.0.7:2112"),
  },
  {
    kind: "prometheus",
    icon: "graph-line",
    label: () => t("A Prometheus server…"),
    detail: () => t("Its query API, by the labels under which it has this deployment"),
  },
  {
    kind: "postgres",
    icon: "database",
    label: () => t("PostgreSQL…"),
    detail: () => t("Read only: connections, waits and the slowest statements"),
  },
  {
    kind: "kubernetes",
    icon: "server-environment",
    label: () => t("Kubernetes…"),
    detail: () => t("By a kubeconfig: processor, memory and restarts of the pods, and Coder's own advice"),
  },
  {
    kind: "api",
    icon: "globe",
    label: () => t("The deployment's API"),
    detail: () => t("Where there is no Prometheus: health, queue, daemons and replicas"),
  },
];

/** Each resolves with whether something was added. */
const ADD: Readonly<Record<Kind, (parts: ConnectParts, url: string) => Promise<boolean>>> = {
  auto: (parts, url) => addWord(parts, url, "auto"),
  api: (parts, url) => addWord(parts, url, "api"),
  page: async (parts, url) => {
    const address = await parts.inputs.ask({
      title: titleOf(url),
      back: true,
      prompt: t("Address of coderd's metrics"),
      placeholder: "http://10.0.0.7:2112",
      validate: (value) => problemOf(value),
    });
    return addAddress(parts, url, address);
  },
  prometheus: async (parts, url) => {
    const address = await parts.inputs.ask({
      title: titleOf(url),
      back: true,
      prompt: t(
        "Address of the Prometheus server, with the labels of this deployment behind a question mark",
      ),
      placeholder: "https://prometheus.example.com/?namespace=coder",
      validate: (value) => problemOf(prometheusWordOf(value)),
    });
    return addAddress(parts, url, typeof address === "string" ? prometheusWordOf(address) : address);
  },
  postgres: async (parts, url) => {
    const secret = await parts.inputs.ask({
      title: titleOf(url),
      back: true,
      prompt: t("Connection string of a user who may only read; the editor keeps it in its secret store"),
      placeholder: "postgres://reader:password@10.0.0.8:5432/coder",
      password: true,
      validate: (value) =>
        /^postgres(?:ql)?:\/\/\S+$/.test(value.trim())
          ? undefined
          : t("A connection string such as postgres://user:password@host:5432/coder"),
    });
    if (secret === undefined || secret === BACK) return false;
    await parts.places.keepSecret(url, "postgres", secret.trim());
    return addWord(parts, url, "postgres");
  },
  kubernetes: addCluster,
};

/** As `--server-metrics` takes it, whether or not a person has written that. */
function prometheusWordOf(address: string): string {
  const trimmed = address.trim();
  if (trimmed.startsWith("prometheus+")) return trimmed;
  return `prometheus+${/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? "" : "http://"}${trimmed}`;
}

function problemOf(word: string): string | undefined {
  try {
    readAsked(word, false);
    return undefined;
  } catch (error) {
    if (error instanceof ServerMetricsError) return wordsOf(error.said);
    throw error;
  }
}

async function addAddress(parts: ConnectParts, url: string, address: Answer<string>): Promise<boolean> {
  if (address === undefined || address === BACK) return false;
  const token = await parts.inputs.ask({
    title: titleOf(url),
    back: true,
    prompt: t("Bearer token for it, where it wants one; empty: none, or the one that is kept"),
    password: true,
    validate: (value) => (/\s/.test(value.trim()) ? t("A token has no spaces") : undefined),
  });
  if (token === undefined || token === BACK) return false;
  if (token.trim() !== "") await parts.places.keepSecret(url, "token", token.trim());
  return addWord(parts, url, address.trim());
}

async function addCluster(parts: ConnectParts, url: string): Promise<boolean> {
  const title = titleOf(url);
  const file = await parts.inputs.ask({
    ...{ title, back: true, value: parts.kubeconfig },
    prompt: t("Kubeconfig of somebody who may look at Coder's pods"),
    validate: (value) => (value.trim() === "" ? t("The path of a file") : undefined),
  });
  if (file === undefined || file === BACK) return false;
  const context = await parts.inputs.ask({
    ...{ title, back: true, value: "" },
    prompt: t("Context of the kubeconfig; empty: the current one"),
  });
  if (context === undefined || context === BACK) return false;
  const namespace = await parts.inputs.ask({
    ...{ title, back: true, value: "" },
    prompt: t("Namespace of Coder's pods; empty: that of the context, else coder"),
  });
  if (namespace === undefined || namespace === BACK) return false;
  const allowExec = await parts.confirm(
    t("May programs that the kubeconfig names be run?"),
    t("Some clusters give out credentials by a program, such as a cloud's own command."),
    t("Allow"),
  );
  const { words } = parts.places.of(url);
  const kube = {
    file: file.trim(),
    allowExec,
    ...(context.trim() ? { context: context.trim() } : {}),
    ...(namespace.trim() ? { namespace: namespace.trim() } : {}),
  };
  await parts.places.keep(url, { words, kube });
  return true;
}

async function addWord({ places }: ConnectParts, url: string, word: string): Promise<boolean> {
  const place = places.of(url);
  if (!place.words.includes(word)) await places.keep(url, { ...place, words: [...place.words, word] });
  return true;
}

async function remove(
  { places }: ConnectParts,
  url: string,
  what: { remove: string } | { removeKube: true },
): Promise<void> {
  const { words, kube } = places.of(url);
  if ("removeKube" in what) return places.keep(url, { words });
  const left = words.filter((word) => word !== what.remove);
  if (what.remove === "postgres") await places.forgetSecret(url, "postgres");
  // A token is of the addresses: without any of them, nothing needs it.
  if (left.every((word) => word in NAMES && word !== "auto")) await places.forgetSecret(url, "token");
  await places.keep(url, { words: left, ...(kube ? { kube } : {}) });
}

/** Says what a run would find. What does not answer stays: it may be that nobody is at the other end today. */
async function tell(parts: ConnectParts, url: string): Promise<void> {
  try {
    for (const line of await parts.try(url)) parts.say(line);
  } catch (error) {
    parts.say(wordsOf(saidOf(error)));
  }
}
