import { say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";

/** What is asked for cannot be used; one line. */
export class ServerMetricsError extends SaidError {
  override readonly name = "ServerMetricsError";
}

/**
 * `auto`: what the deployment's own configuration names, if that is reachable. `api`: the API alone. `postgres`: the
 * database that the environment names.
 */
export type Asked =
  | { kind: "url"; url: string; byFile: boolean }
  | PrometheusAsked
  | { kind: "auto" }
  | { kind: "api" }
  | { kind: "postgres" };

/** A Prometheus server, and by which labels it knows the deployment. */
export interface PrometheusAsked {
  kind: "prometheus-server";
  url: string;
  selector: Record<string, string>;
  byFile: boolean;
}

/**
 * One word for a source. `byFile`: a scenario says it, which may be anybody's: it gets no credentials that are meant for
 * others. Throws ServerMetricsError.
 */
export function readAsked(text: string, byFile: boolean): Asked {
  const word = text.trim();
  if (word === "auto" || word === "api" || word === "postgres") return { kind: word };
  if (/^postgres(?:ql)?:/i.test(word))
    throw new ServerMetricsError(
      say(
        "server metrics: a connection string could be read by others here: set {0}, and name postgres",
        "CODER_SCALETEST_PG_URL",
      ),
    );
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(word) ? word : `http://${word}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  if (!url?.hostname || !/^(prometheus\+)?https?:$/.test(url.protocol))
    throw new ServerMetricsError(
      say(
        'server metrics: "{0}" is none of auto, api, postgres, or an address such as http://10.0.0.7:2112 or prometheus+http://10.0.0.9:9090',
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
  if (url.protocol.startsWith(PROMETHEUS)) return prometheusOf(url, byFile);
  if (url.pathname === "/" && !url.search) url.pathname = "/metrics";
  url.hash = "";
  return { kind: "url", url: url.href, byFile };
}

const PROMETHEUS = "prometheus+";

/** `prometheus+https://host/path?namespace=coder&pod=~coder-.*`: labels stand where an address has its query. */
function prometheusOf(url: URL, byFile: boolean): PrometheusAsked {
  const selector: Record<string, string> = {};
  for (const [label, value] of url.searchParams) {
    if (!/^[A-Za-z_]\w*$/.test(label) || label.startsWith("__"))
      throw new ServerMetricsError(
        say('server metrics: "{0}" is no label of Prometheus', label.slice(0, 60)),
      );
    if (Object.hasOwn(selector, label))
      throw new ServerMetricsError(say("server metrics: the label {0} is named twice", label));
    selector[label] = value;
  }
  const address = new URL(url.href.slice(PROMETHEUS.length));
  address.search = "";
  address.hash = "";
  // As it is copied out of a browser, or of a data source of Grafana's.
  address.pathname = address.pathname.replace(/\/(?:graph|query|api\/v1(?:\/.*)?)?$/, "/");
  return { kind: "prometheus-server", url: address.href, selector, byFile };
}

/** The word for a Prometheus server that a scenario describes by keys. Throws ServerMetricsError. */
export function prometheusWord(address: string, labels: Readonly<Record<string, string>>): string {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `http://${address}`;
  const query = new URLSearchParams(labels).toString();
  const word = `${PROMETHEUS}${withScheme}${query === "" ? "" : `?${query}`}`;
  readAsked(word, true);
  return word;
}

/** What may be a secret is not repeated. */
function shown(word: string): string {
  return word.replace(/\/\/[^/@]*@/, "//…@").slice(0, 100);
}
