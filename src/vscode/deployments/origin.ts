import { t } from "../../l10n/text.ts";

/**
 * The origin of what a person typed as a deployment's address: `coder.example.com` becomes
 * `https://coder.example.com`, whatever follows the host is dropped. undefined where it is none.
 * Plain http is only assumed for this machine itself.
 */
export function originOf(typed: string): string | undefined {
  const text = typed.trim();
  if (text === "") return undefined;
  const local = /^(localhost|127\.0\.0\.1|\[::1\])(:|\/|$)/.test(text);
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `${local ? "http" : "https"}://${text}`;
  try {
    const url = new URL(address);
    const isWeb = url.protocol === "http:" || url.protocol === "https:";
    return isWeb && url.hostname !== "" && url.username === "" ? url.origin : undefined;
  } catch {
    return undefined;
  }
}

/** Tokens are `<10 characters>-<22 characters>`; the server decides, this only catches what is plainly none. */
export function tokenProblem(token: string): string | undefined {
  const text = token.trim();
  if (text === "") return t("Paste the token that the deployment shows");
  if (/\s/.test(text)) return t("A token has no spaces");
  return /^[A-Za-z0-9]+-[A-Za-z0-9]+$/.test(text) ? undefined : t("That does not look like a session token");
}

export function hostOf(origin: string): string {
  return new URL(origin).host;
}
