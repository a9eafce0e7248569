import { shapeOf } from "../../src/limit/shape.ts";
import type { LimitResult } from "../../src/protocol/limit.ts";
import { NO_LOAD_MODEL } from "../../src/sandbox/model/load-model.ts";
import { drive, objective } from "../unit/limit/drive.ts";
import { VirtualDeployment } from "../unit/limit/virtual-deployment.ts";

/** A search on a virtual clock, of a deployment that carries some 660 connections. */
export function searched(): LimitResult {
  const model = { ...NO_LOAD_MODEL, replicas: 2, coderdCores: 1, messageMs: 3 };
  const deployment = new VirtualDeployment({ model, unit: { messagesPerSecond: 1 }, seed: 4 });
  const { end, levels } = drive(deployment, { objectives: [objective("round_trip.p95<200ms")] });
  const asked = { vary: "connections", step: "workspace-traffic", from: 50, to: 2_000, precision: 0.05 };
  return { ...asked, end, levels, ...shapeOf(levels) };
}

/** Three such searches, of a deployment that carries 660 messages a second, and one for which there was no time. */
export function searchedGrid(): LimitResult {
  const model = { ...NO_LOAD_MODEL, replicas: 2, coderdCores: 1, messageMs: 3 };
  const rows = [1, 2, 5].map((value) => {
    const deployment = new VirtualDeployment({ model, unit: { messagesPerSecond: value }, seed: 4 });
    const options = { from: 20, objectives: [objective("round_trip.p95<200ms")] };
    const { end, levels } = drive(deployment, options);
    return { value, end, levels, ...shapeOf(levels) };
  });
  const [{ end, levels } = { end: { kind: "so_far", why: "running" } as const, levels: [] }] = rows.slice(-1);
  const asked = { vary: "connections", step: "workspace-traffic", from: 20, to: 2_000, precision: 0.05 };
  const left = { not_reached: [10], why: "budget" as const, rises: [] };
  return { ...asked, end, levels, grid: { vary: "messages_per_connection", rows, ...left } };
}
