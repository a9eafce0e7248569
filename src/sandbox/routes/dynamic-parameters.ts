import type { Deployment } from "../deployment.ts";
import { NIL_UUID } from "../http/body.ts";
import type { Context } from "../http/context.ts";
import { json, type Reply, websocket } from "../http/reply.ts";
import { type Route, route } from "../http/router.ts";
import { keepAlive } from "../http/sockets.ts";
import type { TemplateVersion } from "../state/templates.ts";
import { evaluateParameters, ownerNotFound } from "../views/dynamic-parameters.ts";
import type { Lookup } from "./lookup.ts";

/** The server ends a form that has been open for so long. */
const OPEN_MS = 30 * 60_000;

export function dynamicParameterRoutes(deployment: Deployment, lookup: Lookup): Route[] {
  const base = "/api/v2/templateversions/{templateversion}/dynamic-parameters";
  return [
    route("GET", base, (context) => form(lookup.importedVersion(context), deployment)),
    route("POST", `${base}/evaluate`, (context) =>
      once(context, lookup.importedVersion(context), deployment),
    ),
  ];
}

/** The server speaks first, with id -1; each message is answered with its own id, also a repeated one. */
function form(version: TemplateVersion, { timers }: Deployment): Reply {
  return websocket((socket) => {
    keepAlive(socket);
    const say = (id: number, inputs: Record<string, string>) =>
      socket.send(`${JSON.stringify(evaluateParameters(version, id, inputs))}\n`);
    const cancel = timers.after(OPEN_MS, () => socket.close(1001));
    socket.on("close", cancel);
    socket.on("message", (data) => {
      const message = parse(String(data));
      if (message) say(message.id, message.inputs);
      else socket.close(1001);
    });
    say(-1, {});
  });
}

function parse(text: string): { id: number; inputs: Record<string, string> } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const { id = 0, inputs = {} } = value as { id?: unknown; inputs?: unknown };
    if (typeof id !== "number" || typeof inputs !== "object") return undefined;
    return { id, inputs: strings(inputs ?? {}) };
  } catch {
    return undefined;
  }
}

function strings(raw: object): Record<string, string> {
  return Object.fromEntries(Object.entries(raw).filter(([, value]) => typeof value === "string"));
}

async function once(context: Context, version: TemplateVersion, { users }: Deployment): Promise<Reply> {
  const fields = await context.body("DynamicParametersRequest");
  const owner = fields.uuid("owner_id");
  if (owner === NIL_UUID || !users.byId(owner)) return json(ownerNotFound());
  const inputs = fields.raw.inputs;
  return json(evaluateParameters(version, 0, strings(typeof inputs === "object" && inputs ? inputs : {})));
}
