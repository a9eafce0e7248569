import type { Daemon, DeploymentConfig, Entitlements, Health } from "../../coder/deployment.ts";
import type { Template } from "../../coder/schemas.ts";
import type { Check } from "../../protocol/check.ts";
import { formatDuration } from "../../protocol/duration.ts";
import { foreign, say, sayCount } from "../../text/message.ts";

/** What is to be put on the deployment. */
export interface Intended {
  workspaces: number;
  concurrency: number;
  createsUsers: boolean;
  ssh: boolean;
  timeoutMs: number;
  jobTimeoutMs: number;
}

export function checkRateLimit(limit: number | undefined, intended: Intended): Check {
  const check = { id: "rate_limit", label: say("Rate limit") };
  if (limit === undefined) return { ...check, status: "ok", figure: say("off") };
  const figure = say("{0} requests a minute for each path", limit);
  // Users are created one by one on a single path; everything else has a path of its own.
  if (!intended.createsUsers || intended.workspaces <= limit) return { ...check, status: "ok", figure };
  const atLeast = formatDuration((intended.workspaces / limit - 1) * 60_000);
  return {
    ...check,
    status: "warning",
    figure: say("{0}: creating {1} users waits at least {2}", figure, intended.workspaces, atLeast),
    mend: say(
      "the waiting is counted apart and fails nothing; CODER_API_RATE_LIMIT=-1 on the server turns the limit off",
    ),
  };
}

export function checkSeats(entitlements: Entitlements | undefined, intended: Intended): Check {
  const check = { id: "seats", label: say("Licence seats") };
  const seats = entitlements?.features.user_limit;
  if (!seats?.enabled || seats.limit == null) return { ...check, status: "ok", figure: say("no limit") };
  const needed = intended.createsUsers ? intended.workspaces : 0;
  const free = Math.max(0, seats.limit - (seats.actual ?? 0));
  const figure = say("{0} of {1} taken, {2} needed", seats.actual ?? 0, seats.limit, needed);
  if (needed <= free) return { ...check, status: "ok", figure };
  // coderd goes on creating users, and reminds its owners: so it is said, and nothing is refused.
  return {
    ...check,
    status: "warning",
    figure,
    mend: say("the licence has room for {0} more; lower --count, or pass --use-host-login", free),
  };
}

export function checkDaemons(
  daemons: readonly Daemon[] | undefined,
  template: Template,
  intended: Intended,
): Check {
  const check = { id: "provisioners", label: say("Provisioner daemons") };
  if (!daemons)
    return {
      ...check,
      status: "warning",
      figure: say("cannot be read"),
      mend: say("the number of concurrent builds is unknown"),
    };
  const online = daemons.filter((daemon) => daemon.status !== "offline");
  if (online.length === 0) {
    return {
      ...check,
      // Where daemons are started on demand, the first build brings them.
      status: "warning",
      figure: say("none online"),
      mend: say("builds wait until one is: start a provisioner daemon for the template's organization"),
    };
  }
  const busy = online.filter((daemon) => daemon.status === "busy").length;
  const median = template.build_time_stats?.start?.P50 ?? undefined;
  const found = say("{0} online, {1} busy", online.length, busy);
  if (median === undefined || median <= 0)
    return { ...check, status: "ok", figure: say("{0}; build time still unknown", found) };
  const all = Math.ceil(intended.workspaces / online.length) * median;
  const figure = say(
    "{0}: {1} builds of {2} take about {3}",
    found,
    intended.workspaces,
    formatDuration(median),
    formatDuration(all),
  );
  return { ...check, ...judgeBuildTime(all, median, online.length, intended), figure };
}

function judgeBuildTime(
  all: number,
  median: number,
  daemons: number,
  intended: Intended,
): Pick<Check, "status" | "mend"> {
  if (intended.timeoutMs > 0 && all > intended.timeoutMs) {
    return {
      status: "warning",
      mend: say("longer than --timeout {0}; raise it, or add daemons", formatDuration(intended.timeoutMs)),
    };
  }
  const atOnce =
    intended.concurrency === 0 ? intended.workspaces : Math.min(intended.concurrency, intended.workspaces);
  const oneWaits = Math.ceil(atOnce / daemons) * median;
  if (intended.jobTimeoutMs > 0 && oneWaits > intended.jobTimeoutMs) {
    return {
      status: "warning",
      mend: say(
        "the last in the queue waits longer than --job-timeout {0}; raise it, or lower --concurrency",
        formatDuration(intended.jobTimeoutMs),
      ),
    };
  }
  return { status: "ok" };
}

/**
 * What the load needs at its peak, by the simple rules of Coder's own documentation: 2 cores and 4 GB a
 * replica for 1,000 active users, one database core for 1,000, 0.25 core and 256 MB a provisioner daemon.
 */
export function checkCapacity(
  replicas: number | undefined,
  daemons: readonly Daemon[] | undefined,
  intended: Intended,
): Check {
  const thousands = Math.max(1, Math.ceil(intended.workspaces / 1_000));
  const cores = 2 * thousands + 0.25 * (daemons?.length ?? 0);
  const memory = 4 * thousands + 0.25 * (daemons?.length ?? 0);
  const have = sayCount(replicas ?? 1, { one: "{0} replica", other: "{0} replicas" });
  return {
    id: "capacity",
    label: say("Capacity by the docs' rules"),
    status: "ok",
    figure: say(
      "{0}; for {1} active users coderd and its daemons should have {2} cores and {3} GB, the database {4} more",
      have,
      intended.workspaces,
      cores,
      memory,
      thousands,
    ),
  };
}

export function checkAccess(config: DeploymentConfig | undefined, intended: Intended): Check {
  const check = { id: "access", label: say("Ways into workspaces") };
  if (!config)
    return {
      ...check,
      status: "warning",
      figure: say("the deployment's configuration cannot be read"),
      mend: say("sign in as an owner"),
    };
  if (config.browser_only && intended.ssh) {
    return {
      ...check,
      status: "blocks",
      figure: say("browser only: SSH is not allowed"),
      mend: say("pass --no-ssh"),
    };
  }
  return {
    ...check,
    status: "ok",
    figure: config.browser_only ? say("browser only") : say("SSH and browser"),
  };
}

export function checkHealth(health: Health | undefined): Check {
  const check = { id: "health", label: say("Health, as the deployment sees it") };
  if (!health)
    return {
      ...check,
      status: "warning",
      figure: say("cannot be read"),
      mend: say("its own health page may tell more"),
    };
  const bad = Object.entries(health)
    .filter(
      ([, part]) =>
        typeof part === "object" && part !== null && (part as { severity?: string }).severity === "error",
    )
    .map(([name]) => name.replaceAll("_", " "));
  if (health.severity === "ok") return { ...check, status: "ok", figure: say("ok") };
  const figure = foreign(bad.length > 0 ? `${health.severity}: ${bad.join(", ")}` : (health.severity ?? ""));
  return {
    ...check,
    status: "warning",
    figure,
    mend: say("a deployment that is not well before a load will not be in it"),
  };
}
