import { homedir } from "node:os";
import path from "node:path";
import { window } from "vscode";
import type { AskedMetrics } from "../../../app/server-metrics/resolve.ts";
import { t, wordsOf } from "../../../l10n/text.ts";
import { deploymentChoice, urlOf } from "../../ask/pick-deployment.ts";
import { feature, registerCommands } from "../../commands.ts";
import type { DeploymentReference } from "../../ids.ts";
import type { Parts } from "../../parts.ts";
import { networkSettings } from "../../settings.ts";
import { confirm } from "../../ui/confirm.ts";
import { BACK } from "../../ui/inputs.ts";

const PATIENCE_MS = 20_000;

/** Where runs from here read a deployment's own figures. */
export function registerServerMetrics(parts: Parts) {
  const { session, inputs, places, front, log } = parts;
  const tryPlace = async (url: string): Promise<string[]> => {
    const { trySources } = await import("../../../app/server-metrics/try.ts");
    const { words, kube } = places.of(url);
    const checks = await trySources(words, await session.target(url), {
      env: await places.environment(url, process.env),
      kube,
      settings: networkSettings(),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return checks.map(({ label, figure, mend }) =>
      [`${wordsOf(label)}: ${wordsOf(figure)}`, mend && wordsOf(mend)].filter(Boolean).join(". "),
    );
  };
  const connect = async (deployment: DeploymentReference | undefined) => {
    const url = deployment === undefined ? await choose() : urlOf(deployment);
    if (url === undefined) return;
    const { connectMetrics } = await import("./ask.ts");
    await connectMetrics(
      {
        ...{ inputs, places, confirm, try: tryPlace },
        kubeconfig:
          process.env.KUBECONFIG?.split(path.delimiter)[0] ?? path.join(homedir(), ".kube", "config"),
        say: (text) => void window.showInformationMessage(text),
      },
      url,
    );
  };
  const choose = async () => {
    const known = session.store.list();
    const answer = await inputs.choose({
      title: t("Server Metrics"),
      back: false,
      placeholder: known.length > 0 ? t("Select a deployment") : t("You're not signed in to a deployment"),
      choices: known.map((one) => deploymentChoice(one)),
    });
    return answer === undefined || answer === BACK ? undefined : answer.url;
  };
  return {
    ...feature(registerCommands({ "scaletest.connectServerMetrics": connect }, { front, log })),
    /** What a run on this deployment reads; `byFile`: as its scenario says. Rejects with one sentence. */
    of: async ({ target, byFile = [] }: Pick<AskedMetrics, "target" | "byFile">) => {
      const { words: asked, kube } = places.of(target.url);
      if (asked.length + byFile.length === 0 && !kube) return undefined;
      const { serverMetricsOf } = await import("../../../app/server-metrics/resolve.ts");
      const env = await places.environment(target.url, process.env);
      return serverMetricsOf({ asked, byFile, kube, target, env, settings: networkSettings() });
    },
  };
}
