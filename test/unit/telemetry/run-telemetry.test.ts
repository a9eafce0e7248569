import { afterEach, expect, it } from "vitest";
import { RunTelemetry } from "../../../src/engine/record/run-telemetry.ts";
import type { WorkspaceRow } from "../../../src/protocol/snapshot.ts";
import { english, say } from "../../../src/text/message.ts";
import { attributeOf, OtlpReceiver } from "../../support/otlp-receiver.ts";

const STARTED = Date.parse("2026-01-02T15:00:00Z");
let receiver: OtlpReceiver | undefined;
afterEach(() => receiver?.close());

const row = (index: number, more: Partial<WorkspaceRow>): WorkspaceRow => ({
  ...{ step: "create", index, name: `w-${index}`, owner: "o", state: "succeeded", doing: say("gone") },
  ...{ prebuilt: false, apiCalls: 7, phases: {}, startedAt: 1_000 },
  ...more,
});

async function sent(propagate: boolean, use: (telemetry: RunTelemetry) => void, rows: WorkspaceRow[]) {
  receiver = await new OtlpReceiver().start();
  const traces = { url: `${receiver.url}/v1/traces`, headers: {}, network: {} };
  const said: string[] = [];
  const say_ = (what: Parameters<typeof english>[0]) => void said.push(english(what));
  const run = {
    id: "abcdefgh",
    startedAt: STARTED,
    deployment: "https://c.example.com",
    event: say_,
    warn: say_,
  };
  const telemetry = new RunTelemetry({ traces, propagate }, run);
  use(telemetry);
  await telemetry.end(rows);
  return { spans: receiver.spans, said };
}

it("puts a job's trace into its requests, the same that its spans have, where that is asked for", async () => {
  const headers: string[] = [];
  const { spans } = await sent(true, (one) => headers.push(one.headers("create/0").traceparent ?? ""), [
    row(0, {}),
  ]);
  const [span] = spans;
  expect(headers).toEqual([`00-${span?.traceId}-${span?.spanId}-01`]);
  await receiver?.close();
  await sent(false, (one) => expect(one.headers("create/0")).toEqual({}), []);
});

it("names the traces that the deployment has made of a job's requests", async () => {
  const own = "0af7651916cd43dd8448eb211c80319c";
  const { spans } = await sent(
    false,
    (one) => {
      for (const id of [own, own, "no trace"]) one.seen("create/0", id);
    },
    [row(0, {}), row(1, {})],
  );
  const [first, second] = spans;
  expect(first && attributeOf(first, "coder.trace_ids")).toEqual({ values: [{ stringValue: own }] });
  expect(second && attributeOf(second, "coder.trace_ids")).toBeUndefined();
});

it("has the times of a job and its phases, and says why one failed; one that never began has none", async () => {
  const failed = row(0, {
    ...{ state: "failed", error: say("build failed") },
    ...{ phases: { queue: 500, provision: 2_000 }, begins: { queue: 1_000, provision: 1_500 } },
  });
  const { startedAt: _never, ...waiting } = row(1, { state: "waiting" });
  const { spans, said } = await sent(false, () => undefined, [failed, waiting]);
  const ms = (nanos: string | undefined) => Number(BigInt(nanos ?? 0) / 1_000_000n) - STARTED;
  const times = spans.map((one) => [
    one.name,
    ms(one.startTimeUnixNano),
    ms(one.endTimeUnixNano),
    one.status.code,
  ]);
  expect(times).toEqual([
    ["create", 1_000, 3_500, 2],
    ["queue", 1_000, 1_500, 0],
    ["provision", 1_500, 3_500, 0],
  ]);
  expect(spans[0]?.status.message).toBe("build failed");
  expect(said).toEqual([expect.stringMatching(/^sending the traces of 2 jobs to 127/)]);
});
