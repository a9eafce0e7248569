import { CoderClient } from "../../coder/client.ts";
import { isFailure } from "../../coder/errors.ts";
import { SignInRefused, signIn } from "../../coder/sign-in.ts";
import type { Target } from "../../protocol/target.ts";
import type { Message } from "../../text/message.ts";

export type SignedIn =
  | {
      kind: "signed_in";
      deployment: { url: string; username: string; version: string; sandbox: boolean };
      isOwner: boolean;
    }
  /** `field` is what has to be mended. */
  | { kind: "refused"; field: "url" | "token"; said: Message };

/**
 * Asks a deployment who it is and whose the token is: the same questions as a run asks first. Expected failures are
 * values.
 */
export async function whoIsSignedIn(target: Target): Promise<SignedIn> {
  const client = new CoderClient(target);
  let [version, sandbox] = ["", false];
  try {
    const user = await signIn(
      {
        client,
        signal: new AbortController().signal,
        warn: () => undefined,
        deployment: (one) => {
          ({ version, sandbox } = one);
        },
      },
      undefined,
    );
    const { username } = user;
    const isOwner = user.roles.some(({ name }) => name === "owner");
    return { kind: "signed_in", deployment: { url: target.url, username, version, sandbox }, isOwner };
  } catch (error) {
    if (!(error instanceof SignInRefused)) throw error;
    const field = isFailure(error.cause, "unauthorized", "forbidden") ? "token" : "url";
    return { kind: "refused", field, said: error.said };
  } finally {
    await client.close().catch(() => undefined);
  }
}
