import { describe, expect, it } from "vitest";
import { workspaceSchema } from "../../../src/coder/schemas.ts";
import { hasLateAgent } from "../../../src/workloads/agents.ts";

const CREATED = Date.parse("2026-01-01T09:00:00Z");
const later = (ms: number) => new Date(CREATED + ms).toISOString();

/** A workspace whose one agent allows itself 120 s, as the deployment would tell it at some moment. */
function workspaceWith(agent: object) {
  const job = { id: "job", status: "succeeded", created_at: later(0) };
  const told = { id: "agent", name: "main", lifecycle_state: "created", created_at: later(0) };
  const resources = [{ agents: [{ ...told, connection_timeout_seconds: 120, ...agent }] }];
  const build = { id: "build", build_number: 1, transition: "start", status: "running", job, resources };
  const names = { id: "workspace", name: "w", owner_id: "owner", owner_name: "o", created_at: later(0) };
  return workspaceSchema.parse({ ...names, latest_build: build });
}

describe("an agent is late", () => {
  it("while its status says that its connection timeout is over", () => {
    expect(hasLateAgent(workspaceWith({ status: "timeout" }))).toBe(true);
  });

  it("once it has connected later than that, though the status does not say so any more", () => {
    const connected = { status: "connected", first_connected_at: later(121_000) };
    expect(hasLateAgent(workspaceWith(connected))).toBe(true);
  });

  it("never, where it connected in time, is still allowed to, or has no timeout", () => {
    expect(hasLateAgent(workspaceWith({ status: "connecting" }))).toBe(false);
    expect(hasLateAgent(workspaceWith({ status: "connected", first_connected_at: later(119_000) }))).toBe(
      false,
    );
    const unlimited = { connection_timeout_seconds: 0, first_connected_at: later(500_000) };
    expect(hasLateAgent(workspaceWith({ status: "connected", ...unlimited }))).toBe(false);
  });
});
