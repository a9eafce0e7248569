import { type Address, AddressError, readAddress } from "../../../app/target/address.ts";
import { isToken } from "../../../app/target/token.ts";
import { t } from "../../../l10n/text.ts";

/** The origin of what a person typed as a deployment's address; undefined where it is none. */
export function originOf(typed: string): string | undefined {
  return addressOf(typed)?.origin;
}

/** The same with its path. */
export function addressOf(typed: string): Address | undefined {
  try {
    return readAddress(typed);
  } catch (error) {
    if (error instanceof AddressError) return undefined;
    throw error;
  }
}

/** undefined where it can be a session token, else what is wrong. */
export function tokenProblem(token: string): string | undefined {
  const text = token.trim();
  if (text === "") return t("Paste the token that the deployment shows");
  if (/\s/.test(text)) return t("A token has no spaces");
  return isToken(text) ? undefined : t("That does not look like a session token");
}

export function hostOf(origin: string): string {
  return new URL(origin).host;
}

/** What a deployment is called. All sandboxes are on this machine: their ports tell them apart. */
export function deploymentName({ url, sandbox }: { url: string; sandbox: boolean }): string {
  return sandbox ? t("sandbox :{0}", new URL(url).port) : hostOf(url);
}
