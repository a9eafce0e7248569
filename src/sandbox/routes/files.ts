import { createHash } from "node:crypto";
import type { Deployment } from "../deployment.ts";
import { readBody } from "../http/body.ts";
import type { Context } from "../http/context.ts";
import { ApiError, notFound } from "../http/errors.ts";
import { RateLimiter } from "../http/rate-limit.ts";
import { type Answer, type Headers, json, type Reply, text } from "../http/reply.ts";
import { type Route, route } from "../http/router.ts";

/** Uploads and downloads a minute; fixed, counted by user, and only where there are limits at all. */
const FILES_LIMIT = 12;
const FILE_BYTES = 10 * 1024 * 1024;
const BYPASS = "x-coder-bypass-ratelimit";
const TYPES = ["application/x-tar", "application/zip", "application/x-zip-compressed"];

/** Archives of templates: uploaded, kept, given back. */
export function fileRoutes(deployment: Deployment): Route[] {
  const limited = limit(deployment);
  return [
    route("POST", "/api/v2/files", (context) =>
      limited(context, (headers) => upload(context, deployment, headers)),
    ),
    route("GET", "/api/v2/files/{fileid}", (context) =>
      limited(context, (headers) => download(context, deployment, headers)),
    ),
  ];
}

type Handler = (headers: Headers) => Reply | Promise<Reply>;

/** The one limiter that the bypass header gets past, and for an owner only (docs/coder-api.md, Rate limits). */
function limit({ options, clock }: Deployment): (context: Context, handle: Handler) => Promise<Reply> {
  const limiter = options.rateLimit === undefined ? undefined : new RateLimiter(FILES_LIMIT);
  let bypassed = 0;
  return async (context, handle) => {
    if (!limiter) return handle({});
    const bypass = context.header(BYPASS) === "true";
    if (bypass && !context.isOwner)
      return text('"X-Coder-Bypass-Ratelimit" provided but user is not owner\n', 428);
    const { user } = context.caller;
    // A request that is let through is counted under a key of its own: it always finds a full budget.
    const key = bypass ? `bypass ${++bypassed}` : user.id;
    const { allowed, headers } = limiter.take(key, clock.now());
    if (!allowed) return refused(headers);
    try {
      return await handle(headers);
    } catch (error) {
      if (error instanceof ApiError) return json(error.envelope(), error.status, headers);
      throw error;
    }
  };
}

function refused(headers: Headers): Answer {
  return json(
    { message: `You've been rate limited for sending more than ${FILES_LIMIT} requests in 1m0s.` },
    429,
    headers,
  );
}

async function upload(context: Context, deployment: Deployment, headers: Headers): Promise<Reply> {
  const contentType = context.header("content-type");
  if (!TYPES.includes(contentType))
    throw new ApiError(400, `Unsupported content type header "${contentType}".`);
  const bytes = await readBody(context.request, FILE_BYTES);
  const hash = createHash("sha256").update(bytes).digest("hex");
  const { files, random } = deployment;
  const { user } = context.caller;
  const known = files.same(hash, user.id);
  // `hash` is the file's id: its name is older than its meaning.
  if (known) return json({ hash: known.id }, 200, headers);
  const id = random.uuid();
  files.add({ id, hash, createdById: user.id, contentType, bytes });
  return json({ hash: id }, 201, headers);
}

function download(context: Context, { files }: Deployment, headers: Headers): Reply {
  const file = files.byId(context.uuid("fileid"));
  if (!file || (!context.isOwner && file.createdById !== context.caller.user.id)) throw notFound();
  return {
    kind: "answer",
    status: 200,
    headers: { "Content-Type": file.contentType, ...headers },
    body: file.bytes,
  };
}
