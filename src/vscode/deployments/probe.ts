import { CoderClient } from "../../coder/client.ts";
import { isFailure } from "../../coder/errors.ts";
import type { Target } from "../../protocol/target.ts";
import { messageOf } from "../host.ts";
import type { KnownDeployment } from "./store.ts";

export type SignInResult =
  | { kind: "signed_in"; deployment: KnownDeployment; isOwner: boolean }
  /** `field` is the input that has to be mended. */
  | { kind: "refused"; field: "url" | "token"; message: string };

/** Asks the deployment who it is and who the token's user is. Expected failures are values. */
export async function probeDeployment(target: Target): Promise<SignInResult> {
  const client = new CoderClient(target);
  try {
    const { version } = await client.buildInfo();
    const user = await client.me();
    const { sandbox } = client.transport;
    return {
      kind: "signed_in",
      deployment: { url: target.url, username: user.username, version, sandbox },
      isOwner: user.roles.some(({ name }) => name === "owner"),
    };
  } catch (error) {
    const field = isFailure(error, "unauthorized", "forbidden") ? "token" : "url";
    return { kind: "refused", field, message: messageOf(error) };
  } finally {
    await client.close().catch(() => undefined);
  }
}
