import { say } from "../../text/message.ts";
import type { CannotTell } from "./rule.ts";

const cannot = (without: CannotTell["without"]): CannotTell => ({ kind: "cannot_tell", without });

/** What a rule would have to know. */
export const WITHOUT_PAGE = cannot(say("coderd's Prometheus page (--server-metrics)"));
export const WITHOUT_PAGE_OR_PODS = cannot(
  say("coderd's Prometheus page (--server-metrics) or Kubernetes' metrics of its pods (--kubeconfig)"),
);
export const WITHOUT_PAGE_OR_POSTGRES = cannot(
  say("coderd's Prometheus page (--server-metrics) or PostgreSQL's own figures (CODER_SCALETEST_PG_URL)"),
);
export const WITHOUT_JOBS = cannot(
  say("the deployment's provisioner jobs and daemons (--server-metrics api, with an owner's token)"),
);
export const WITHOUT_QUERIES = cannot(
  say(
    "coderd's database metrics (CODER_PROMETHEUS_COLLECT_DB_METRICS=true on the server) or PostgreSQL's own (CODER_SCALETEST_PG_URL)",
  ),
);
export const WITHOUT_TERMINAL = cannot(say("a web terminal step beside SSH, which does not go by a relay"));
