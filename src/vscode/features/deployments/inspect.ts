import { countLeft } from "../../../app/clean-up/find.ts";
import { CoderClient } from "../../../coder/client.ts";
import { type Daemon, DeploymentInfo } from "../../../coder/deployment.ts";
import { isFailure } from "../../../coder/errors.ts";
import { checkVersion } from "../../../coder/version.ts";
import { t } from "../../../l10n/text.ts";
import type { Target } from "../../../protocol/target.ts";
import { messageOf } from "../../host.ts";
import type { Details, KnownDetails } from "./details.ts";

const PATIENCE_MS = 15_000;
/** Daemons are asked for by organization; who has more sees those of the first ones. */
const MOST_ORGANIZATIONS = 5;

/** Asks a deployment about itself: six reads, and one for each further organization and page of leftovers. */
export async function inspectDeployment(target: Target): Promise<Details> {
  const client = new CoderClient(target);
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const at = Date.now();
  try {
    const [{ version }, user] = await Promise.all([
      client.buildInfo({ signal, retries: 1 }),
      client.me({ signal, retries: 1 }),
    ]);
    const [daemons, replicas, leftovers] = await Promise.all([
      readable(daemonsOf(client, signal)),
      readable(new DeploymentInfo(client, { signal }).replicas()),
      readable(countLeft(client, signal)),
    ]);
    return {
      kind: "known",
      at,
      version,
      versionIsTooOld: checkVersion(version) === "too_old",
      username: user.username,
      isOwner: user.roles.some(({ name }) => name === "owner"),
      daemons,
      replicas,
      rateLimit: client.transport.pacer.limit,
      leftovers,
    };
  } catch (error) {
    const message = signal.aborted ? t("no answer within {0} s", PATIENCE_MS / 1_000) : messageOf(error);
    return {
      kind: isFailure(error, "unauthorized", "forbidden") ? "signed_out" : "unreachable",
      at,
      message,
    };
  } finally {
    await client.close().catch(() => undefined);
  }
}

/** What this user may not read is left out; everything else is told by the answers before it. */
function readable<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch(() => undefined);
}

async function daemonsOf(client: CoderClient, signal: AbortSignal): Promise<KnownDetails["daemons"]> {
  const organizations = (await client.organizations({ signal })).slice(0, MOST_ORGANIZATIONS);
  const info = new DeploymentInfo(client, { signal });
  const lists = await Promise.all(organizations.map(({ id }) => info.daemons(id)));
  const known = lists.filter((list): list is Daemon[] => list !== undefined);
  if (known.length === 0) return undefined;
  // One that serves several organizations is in the list of each.
  const all = [...new Map(known.flat().map((daemon) => [daemon.id ?? daemon.name, daemon])).values()];
  const alive = all.filter(({ status }) => status !== "offline");
  return { total: alive.length, busy: alive.filter(({ status }) => status === "busy").length };
}
