import { describe, expect, it } from "vitest";
import { errorsIn } from "../../../src/insight/error-lines.ts";

const ORIGIN = Date.parse("2026-01-02T15:00:00Z");
const lines = (...texts: string[]) => texts.map((text, second) => ({ at: ORIGIN + second * 1_000, text }));

describe("the errors of coderd's log", () => {
  it("are told with their innermost cause, as a real server wrote it", () => {
    const found = errorsIn(
      lines(
        "2026-01-02 15:00:00.101 [info]  coderd: request  method=GET status_code=200",
        "2026-01-02 15:00:01.250 [erro]  coderd.workspaceapps: failed to heartbeat ping  request_id=3c88801c-6431-42df-a5a3-a4a0c4558176 ...",
        "    error= failed to ping:",
        "               github.com/coder/coder/v2/coderd/httpapi.pingWithTimeout",
        "                   /home/build/coderd/httpapi/websocket.go:65",
        "             - failed to ping: use of closed network connection",
        "2026-01-02 15:00:06.000 [warn]  coderd: slow query  took=3s",
      ),
      ORIGIN,
    );
    const text =
      "coderd.workspaceapps: failed to heartbeat ping — failed to ping: use of closed network connection";
    expect(found).toEqual([{ text, count: 1, first: 1, last: 1 }]);
  });

  it("are counted as one where only ids, numbers and addresses differ, the most frequent first", () => {
    const failed = (id: string, port: number) =>
      `2026-01-02 15:00:00.000 [erro]  provisionerd: dial 10.0.0.${port % 9}:${port} for job ${id}`;
    const found = errorsIn(
      lines(
        "2026-01-02 15:00:00.000 [crit]  coderd: out of memory",
        failed("1bbf06b7-5b3f-4e0a-a0a6-cbe1fb2b7f11", 3000),
        failed("2bbf06b7-5b3f-4e0a-a0a6-cbe1fb2b7f12", 3001),
      ),
      ORIGIN,
    );
    expect(found).toEqual([
      { text: "provisionerd: dial … for job …", count: 2, first: 1, last: 2 },
      { text: "coderd: out of memory", count: 1, first: 0, last: 0 },
    ]);
  });

  it("are found in both kinds of JSON that coderd writes", () => {
    const own = {
      level: "ERROR",
      msg: "list jobs",
      logger_names: ["coderd", "jobs"],
      fields: { error: "acquire:\n - pool is closed" },
    };
    const found = errorsIn(
      lines(
        JSON.stringify(own),
        JSON.stringify({ severity: "ERROR", message: "replica left", timestamp: "2026-01-02T15:00:00Z" }),
        JSON.stringify({ level: "INFO", msg: "fine" }),
        "{ no JSON",
      ),
      ORIGIN,
    );
    expect(found.map(({ text }) => text)).toEqual([
      "coderd.jobs: list jobs — pool is closed",
      "replica left",
    ]);
  });

  it("have nothing in them of a user or a secret", () => {
    const [found] = errorsIn(
      lines(
        '2026-01-02 15:00:00.000 [erro]  coderd: login of ada@example.com with "hunter2" at postgres://coder:pw@db/x by Tk3nTk3nTk-abcdefghijklmnopqrstuv',
      ),
      ORIGIN,
    );
    expect(found?.text).toBe("coderd: login of … with … at … by …");
  });

  it("are none in lines of another program", () => {
    expect(errorsIn(lines("panic: boom", "goroutine 1 [running]:", ""), ORIGIN)).toEqual([]);
  });
});
