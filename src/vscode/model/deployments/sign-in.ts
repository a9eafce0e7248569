import type { Address } from "../../../app/target/address.ts";
import { t, wordsOf } from "../../../l10n/text.ts";
import { say } from "../../../text/message.ts";
import { SaidError } from "../../../text/said-error.ts";
import type { SignInRequest } from "../../ids.ts";
import { type Answer, BACK, type Inputs, runSteps, type Step } from "../../ui/inputs.ts";
import { addressOf, hostOf, tokenProblem } from "./origin.ts";
import type { SignInResult } from "./probe.ts";
import type { DeploymentStore, KnownDeployment } from "./store.ts";

export interface SignInParts {
  inputs: Inputs;
  store: DeploymentStore;
  probe(url: string, token: string): Promise<SignInResult>;
  /** The deployment's own address: that of a page is dropped. Rejects where the way there cannot be told. */
  locate(address: Address): Promise<string>;
  openExternal(url: string): void;
  /** Asked for first: the address of Coder's own extension or of an earlier sign-in. */
  suggestedUrl(): string | undefined;
}

interface Draft {
  url: string | undefined;
  token: string | undefined;
  signedIn: KnownDeployment | undefined;
}

/**
 * Signs in by address and token, asking for what is not given. A token that the deployment refuses is asked
 * for again, with its reason. undefined where the person left.
 */
export async function signIn(
  parts: SignInParts,
  request: SignInRequest = {},
): Promise<KnownDeployment | undefined> {
  const address = request.url === undefined ? undefined : addressOf(request.url);
  if (request.url !== undefined && address === undefined)
    throw new Error(t('"{0}" is not an address', request.url));
  const given = address && (await parts.locate(address));
  const draft: Draft = { url: given, token: request.token, signedIn: undefined };
  if (draft.url && draft.token) return signInWith(parts, draft.url, draft.token);
  const steps: Step<Draft>[] = [];
  if (!given) steps.push((target, place) => askUrl(parts, target, place));
  steps.push((target, place) => askToken(parts, target, place));
  return (await runSteps(t("Sign In to a Coder Deployment"), draft, () => steps))
    ? draft.signedIn
    : undefined;
}

/** Throws with the deployment's own sentence where it refuses. */
async function signInWith(parts: SignInParts, url: string, token: string): Promise<KnownDeployment> {
  const result = await parts.probe(url, token.trim());
  if (result.kind === "refused") throw new SaidError(say("{0}: {1}", hostOf(url), result.said));
  await parts.store.add(result.deployment, token.trim());
  return result.deployment;
}

const askUrl = async (parts: SignInParts, draft: Draft, place: Parameters<Step<Draft>>[1]) => {
  const suggested = draft.url ?? parts.suggestedUrl();
  const answer = await parts.inputs.ask({
    ...place,
    prompt: t("Address of the deployment, as in the browser"),
    placeholder: "https://coder.example.com",
    ...(suggested ? { value: suggested } : {}),
    validate: (value) => (addressOf(value) ? undefined : t("An address such as https://coder.example.com")),
  });
  if (answer === undefined) return "cancel";
  if (answer === BACK) return "back";
  const address = addressOf(answer);
  draft.url = address && (await parts.locate(address));
  return "next";
};

const askToken = async (parts: SignInParts, draft: Draft, place: Parameters<Step<Draft>>[1]) => {
  const url = draft.url ?? "";
  const page = `${url}/cli-auth`;
  parts.openExternal(page);
  let refused: { token: string; message: string } | undefined;
  while (true) {
    const answer: Answer<string> = await parts.inputs.ask({
      ...place,
      prompt:
        refused?.message ??
        t("Session token of {0}. Your browser opened the page with the token. Paste it here.", hostOf(url)),
      placeholder: t("Paste the token here"),
      password: true,
      link: { tooltip: t("Open the page that shows a token"), open: () => parts.openExternal(page) },
      validate: (value) => (value.trim() === refused?.token ? refused?.message : tokenProblem(value)),
    });
    if (answer === undefined) return "cancel";
    if (answer === BACK) return "back";
    const token = answer.trim();
    const result = await parts.probe(url, token);
    if (result.kind === "signed_in") {
      await parts.store.add(result.deployment, token);
      draft.signedIn = result.deployment;
      return "next";
    }
    // An address that cannot be reached is not mended by another token.
    if (result.field === "url") throw new SaidError(say("{0}: {1}", hostOf(url), result.said));
    refused = { token, message: t("{0}. Paste another token", wordsOf(result.said)) };
  }
};
