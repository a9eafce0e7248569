import type { Context } from "../http/context.ts";
import { ApiError } from "../http/errors.ts";
import { json, type Reply, websocket } from "../http/reply.ts";
import { keepAlive, refuseMessages } from "../http/sockets.ts";
import type { Job, JobFollower } from "../state/jobs.ts";
import { viewLogRow } from "../views/jobs.ts";

/** How long after its last row a log's end is told (recorded: about 90 ms). */
const END_DELAY_MS = 20;

/** A job's log: what there is, or with `follow` one row a frame until the job ends. `before` is ignored. */
export function jobLogs(context: Context, job: Job): Reply {
  const after = readAfter(context);
  const rows = job.logs.filter((row) => row.id > after);
  if (!context.query.has("follow")) return json(rows.map(viewLogRow));
  return websocket((socket) => {
    const stopPings = keepAlive(socket);
    refuseMessages(socket, 1008, "unexpected data message");
    const follower: JobFollower = {
      row: (row) => socket.send(`${JSON.stringify(viewLogRow(row))}\n`),
      end: () => setTimeout(() => socket.close(1000, "done"), END_DELAY_MS),
    };
    for (const row of job.logs) if (row.id > after) follower.row(row);
    // A job that was cancelled while pending never ends for those who followed it before.
    if (job.completedAt === undefined) job.followers.add(follower);
    else follower.end();
    socket.on("close", () => {
      stopPings();
      job.followers.delete(follower);
    });
  });
}

/** The log of a job that nobody has kept: nothing, and its end. */
export function noLogs(context: Context): Reply {
  readAfter(context);
  if (!context.query.has("follow")) return json([]);
  return websocket((socket) => {
    const stopPings = keepAlive(socket);
    refuseMessages(socket, 1008, "unexpected data message");
    setTimeout(() => socket.close(1000, "done"), END_DELAY_MS);
    socket.on("close", stopPings);
  });
}

export function readAfter(context: Context): number {
  const raw = context.query.get("after") ?? "";
  if (raw === "") return -1;
  if (/^-?\d+$/.test(raw)) return Number(raw);
  throw new ApiError(400, 'Query param "after" must be an integer.', {
    validations: [{ field: "after", detail: "Must be an integer" }],
  });
}
