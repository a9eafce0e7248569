import { expect, it } from "vitest";
import type { CoderClient } from "../../../src/coder/client.ts";
import { buildSchema } from "../../../src/coder/schemas.ts";
import { fetchBuildLog } from "../../../src/engine/record/build-log.ts";
import { english } from "../../../src/text/message.ts";
import { fixtureRow } from "../../webview/fixtures.ts";

function logOf(status: string, lines: readonly string[]) {
  const job = {
    id: "j",
    status,
    created_at: "2026-01-01T00:00:00Z",
    ...(status === "running" ? {} : { completed_at: "2026-01-01T00:01:00Z" }),
  };
  const build = buildSchema.parse({ id: "b", build_number: 2, transition: "start", status, job });
  const client = {
    builds: async () => [build],
    buildLogs: async () =>
      lines.map((output, id) => ({ id, log_level: "info", stage: "Planning", output, created_at: "" })),
  } as unknown as CoderClient;
  return fetchBuildLog(client, fixtureRow(0, 30_000, 1));
}

it.each([
  ["succeeded", "scaletest-k3x9q2ab-0, build 2: succeeded"],
  ["running", "scaletest-k3x9q2ab-0, build 2: running; this is the log so far"],
])("of a build that is %s says so in a message, and has the deployment's own lines", async (status, head) => {
  const log = await logOf(status, ["one", "two"]);
  expect(english(log.head)).toBe(head);
  expect(log.text).toBe("\nPlanning\n  one\n  two");
});

it("that is too long is shown by its end, which its head says", async () => {
  const log = await logOf("failed", ["x".repeat(3_000_000), "the end"]);
  expect(english(log.head)).toBe(
    "scaletest-k3x9q2ab-0, build 2: failed; only the last 2000000 characters are shown",
  );
  expect(log.text).toHaveLength(2_000_000);
  expect(log.text).toMatch(/the end$/);
});
