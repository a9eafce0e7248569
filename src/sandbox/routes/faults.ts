import type { Deployment } from "../deployment.ts";
import { type FaultSettings, faultRequestSchema } from "../faults/settings.ts";
import { readBody } from "../http/body.ts";
import type { Context } from "../http/context.ts";
import { ApiError } from "../http/errors.ts";
import { json, type Reply } from "../http/reply.ts";
import { type Route, route } from "../http/router.ts";

/** Reads and changes what goes wrong: `GET` and `POST /sandbox/faults`, from this machine only. */
export function faultRoutes(deployment: Deployment): Route[] {
  return [
    route("GET", "/sandbox/faults", (context) => read(deployment, context), "public"),
    route("POST", "/sandbox/faults", (context) => change(deployment, context), "public"),
  ];
}

function read(deployment: Deployment, context: Context): Reply {
  fromHere(context);
  return json({ ...deployment.faults.settings, connections: deployment.connections.count });
}

async function change(deployment: Deployment, context: Context): Promise<Reply> {
  fromHere(context);
  const raw = (await readBody(context.request)).toString("utf8");
  const { drop, restart, reset, replicaLeaves, replicaReturns, expireSessions, ...rest } = parse(raw);
  const { daemonsLeave, daemonsDie, daemonsReturn, ...settings } = rest;
  if (reset) deployment.faults.reset();
  deployment.faults.set(definedOnly(settings));
  let dropped = drop === undefined ? 0 : deployment.connections.drop(drop);
  if (replicaReturns !== undefined) returnReplica(deployment, replicaReturns);
  if (replicaLeaves !== undefined) dropped += leaveReplica(deployment, replicaLeaves);
  const { daemonLoss } = deployment;
  let lostJobs = 0;
  if (daemonsReturn !== undefined) daemonLoss.return(daemonsReturn);
  if (daemonsLeave !== undefined) lostJobs += daemonLoss.leave(daemonLoss.last(daemonsLeave));
  if (daemonsDie !== undefined) lostJobs += daemonLoss.die(daemonLoss.last(daemonsDie));
  const expired = expireSessions === undefined ? 0 : expire(deployment, expireSessions);
  // Answered first: the restart takes this connection too.
  if (restart !== undefined) deployment.timers.after(20, () => deployment.restart(restart));
  const { count: connections } = deployment.connections;
  return json({ ...deployment.faults.settings, dropped, expired, lostJobs, connections });
}

/** Returns how many connections it takes along. Its own provisioner daemons go with it. */
function leaveReplica({ model, connections, daemonLoss, queue }: Deployment, replica: number): number {
  model.setPresent(replica, false);
  const daemons = queue.daemons.filter(({ goneAt }) => goneAt === undefined);
  daemonLoss.leave(
    daemons.filter((daemon) => queue.daemons.indexOf(daemon) % model.replicas.length === replica),
  );
  return connections.dropReplica(replica);
}

function returnReplica({ model, queue }: Deployment, replica: number): void {
  model.setPresent(replica, true);
  const gone = queue.daemons.filter(
    ({ goneAt }, at) => goneAt !== undefined && at % model.replicas.length === replica,
  );
  queue.return(gone);
}

/** Connections that were opened with them stay open, as they do at coderd. Returns how many there were. */
function expire({ users, clock }: Deployment, username: string): number {
  const user = users.byName(username);
  if (!user) throw new ApiError(400, `expireSessions: there is no user "${username}"`);
  const now = clock.now();
  const alive = users.keysOf(user).filter((key) => key.expiresAt > now);
  for (const key of alive) key.expiresAt = now;
  return alive.length;
}

function parse(raw: string) {
  let body: unknown;
  try {
    body = JSON.parse(raw);
  } catch {
    throw new ApiError(400, "Request body must be valid JSON.");
  }
  const parsed = faultRequestSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ApiError(400, `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not a fault"}`);
}

/** Absent is unchanged. */
function definedOnly(settings: Partial<Record<keyof FaultSettings, unknown>>): Partial<FaultSettings> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function fromHere(context: Context): void {
  if (/^(::ffff:)?127\.|^::1$/.test(context.address)) return;
  throw new ApiError(403, "Faults can be changed from the sandbox's own machine only.");
}
