import { t } from "../../l10n/text.ts";
import type { Labels } from "../../protocol/series-key.ts";

/** RFC 6455, section 7.4.1; 1006 is never sent, it says that there was no close frame. */
const CODES: Readonly<Record<string, string>> = {
  "1000": t("closed normally"),
  "1001": t("the other side goes away"),
  "1002": t("protocol error"),
  "1006": t("ended without a close frame"),
  "1008": t("policy"),
  "1009": t("message too big"),
  "1011": t("error at the server"),
  "1012": t("the server restarts"),
  "1013": t("try again later"),
};

/** What stands for an empty label beside a close code: the standard meaning of the code, where it has one. */
export function closeMeaning(label: string, { code = "" }: Labels): string {
  return label === "reason" ? (CODES[code] ?? "") : "";
}
