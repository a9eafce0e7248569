import { randomBytes } from "node:crypto";
import type { CoderClient } from "../coder/client.ts";
import { CoderError, isFailure } from "../coder/errors.ts";
import type { User } from "../coder/schemas.ts";
import type { RequestOptions } from "../coder/transport.ts";
import type { JobContext } from "../contract/job.ts";
import { english } from "../text/message.ts";
import { createOrFind } from "./create-or-find.ts";

/** With these the deployment says that nothing was made; anything else leaves that open. */
export const REFUSALS = ["validation", "forbidden", "unauthorized", "conflict", "not_found"] as const;

export interface NewScaletestUser {
  name: string;
  organizationIds: readonly string[];
}

/**
 * Makes a user of a scale test, whom Coder's own tool recognizes by the e-mail. In the journal before it is asked for.
 * `send`: around the request. `undone`: the deployment says that it was not made. Rejects with CoderError.
 */
export async function makeUser(
  { client, ledger, signal }: Pick<JobContext, "client" | "ledger" | "signal">,
  { name, organizationIds }: NewScaletestUser,
  { send = (request) => request({ signal }), undone }: MakeUserOptions = {},
): Promise<User> {
  await ledger.write({ kind: "user", op: "asking", name });
  const wanted = { username: name, email: `${name}@scaletest.local`, organizationIds };
  const user = await createOrFind(
    () => send((options) => createUser(client, wanted, options)),
    () => client.user(name, { signal }),
    signal,
  ).catch(async (error: unknown) => {
    if (isFailure(error, ...REFUSALS)) {
      await ledger.write({ kind: "user", op: "refused", name });
      undone?.();
    }
    throw error;
  });
  await ledger.write({ kind: "user", op: "exists", name, id: user.id });
  return user;
}

export interface MakeUserOptions {
  send?: (request: (options: RequestOptions) => Promise<User>) => Promise<User>;
  undone?: () => void;
}

/** Login type "none" first; a server that wants a password gets a random one that is kept nowhere. */
async function createUser(
  client: CoderClient,
  user: { username: string; email: string; organizationIds: readonly string[] },
  options: RequestOptions,
): Promise<User> {
  try {
    return await client.createUser(user, options);
  } catch (error) {
    const wantsPassword =
      error instanceof CoderError &&
      error.failure.kind === "validation" &&
      /password|login_type/i.test(
        `${english(error.failure.message)} ${error.failure.fields.map((f) => f.field).join(" ")}`,
      );
    if (!wantsPassword) throw error;
    return client.createUser({ ...user, password: `Aa1!${randomBytes(24).toString("base64url")}` }, options);
  }
}
