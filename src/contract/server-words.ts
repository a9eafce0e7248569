import { say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";

/** What is asked for cannot be used; one line. */
export class ServerMetricsError extends SaidError {
  override readonly name = "ServerMetricsError";
}

/** `auto`: what the deployment's own configuration names, if that is reachable. `api`: the API alone. */
export type Asked = { kind: "url"; url: string; byFile: boolean } | { kind: "auto" } | { kind: "api" };

/**
 * One word for a source. `byFile`: a scenario says it, which may be anybody's: it gets no credentials that are meant for
 * others. Throws ServerMetricsError.
 */
export function readAsked(text: string, byFile: boolean): Asked {
  const word = text.trim();
  if (word === "auto" || word === "api") return { kind: word };
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(word) ? word : `http://${word}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  if (!url?.hostname || !/^https?:$/.test(url.protocol))
    throw new ServerMetricsError(
      say(
        'server metrics: "{0}" is none of auto, api, or an address such as http://10.0.0.7:2112',
        shown(word),
      ),
    );
  if (url.username || url.password)
    throw new ServerMetricsError(
      say(
        "server metrics: the address of {0} has a password in it, which others could read: set {1}",
        url.host,
        "CODER_SCALETEST_SERVER_METRICS_TOKEN",
      ),
    );
  if (url.pathname === "/" && !url.search) url.pathname = "/metrics";
  url.hash = "";
  return { kind: "url", url: url.href, byFile };
}

/** What may be a secret is not repeated. */
function shown(word: string): string {
  return word.replace(/\/\/[^/@]*@/, "//…@").slice(0, 100);
}
