import { t } from "../../../l10n/text.ts";
import type { Network, Target } from "../../../protocol/target.ts";
import type { SignInRequest } from "../../ids.ts";
import { hostOf } from "./origin.ts";
import { type SignInParts, signIn } from "./sign-in.ts";
import type { KnownDeployment } from "./store.ts";

export type Session = ReturnType<typeof createSession>;

/** Signing in and out, and what a run needs of a deployment that is signed in to. */
export function createSession(
  parts: Omit<SignInParts, "probe" | "locate"> & {
    /** Only loaded when somebody signs in: HTTP is the largest part of the bundle. */
    loadProbe(): Promise<typeof import("./probe.ts")>;
    network(url: string): Promise<Network>;
  },
) {
  const { store } = parts;
  const probe: SignInParts["probe"] = async (url, token) => {
    const { probeDeployment } = await parts.loadProbe();
    return probeDeployment({ url, token, network: await parts.network(url) });
  };

  const locate: SignInParts["locate"] = async (address) => {
    if (address.path === "") return address.origin;
    const { deploymentAt } = await import("../../../app/target/deployment-at.ts");
    return deploymentAt(address, await parts.network(address.origin));
  };

  function askSignIn(request?: SignInRequest): Promise<KnownDeployment | undefined> {
    return signIn({ ...parts, probe, locate }, request);
  }

  /** Signs in again where the secret store has lost the token. Rejects where the person left. */
  async function target(url: string): Promise<Target> {
    const token = (await store.token(url)) ?? ((await askSignIn({ url })) && (await store.token(url)));
    if (!token) throw new Error(t("Not signed in to {0}", hostOf(url)));
    return { url, token, network: await parts.network(url) };
  }

  /** With a token that is at hand. Rejects where the way there cannot be told (certificates, header command). */
  const known = async (url: string, token: string): Promise<Target> => ({
    url,
    token,
    network: await parts.network(url),
  });

  return { signIn: askSignIn, target, known, store };
}
