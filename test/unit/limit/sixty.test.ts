import { describe, expect, it } from "vitest";
import { type LoadObjective, largestLoad, type UnitOfLoad } from "../../../src/sandbox/model/largest-load.ts";
import { type LoadModelOptions, NO_LOAD_MODEL } from "../../../src/sandbox/model/load-model.ts";
import { drive, objective } from "./drive.ts";
import { VirtualDeployment } from "./virtual-deployment.ts";

interface Kind {
  unit: UnitOfLoad;
  objectives: string[];
  right: LoadObjective;
  /** Three capacities. */
  models: Partial<LoadModelOptions>[];
}

const BUILD_MS = 20_000;
/** Of the deployment's builds: p95 over the mean, of times that are spread evenly by 5 % to both sides. */
const BUILD_SPREAD = 1.045;

const KINDS: Record<string, Kind> = {
  "terminal connections": {
    unit: { messagesPerSecond: 1 },
    objectives: ["round_trip.p95<200ms"],
    right: { of: "answer", limitMs: 200 },
    models: [
      { replicas: 2, coderdCores: 1, messageMs: 11 },
      { replicas: 2, coderdCores: 1, messageMs: 3 },
      { replicas: 1, coderdCores: 2, messageMs: 1.3 },
    ],
  },
  "SSH sessions": {
    unit: { messagesPerSecond: 2 },
    objectives: ["round_trip.p95<150ms"],
    right: { of: "answer", limitMs: 150 },
    models: [
      { replicas: 3, coderdCores: 1, messageMs: 18 },
      { replicas: 1, coderdCores: 4, messageMs: 4.4 },
      { replicas: 2, coderdCores: 2, messageMs: 1.1 },
    ],
  },
  "concurrent builds": {
    unit: { builds: 1, buildMs: BUILD_MS },
    objectives: ["ready.p95<30s"],
    right: { of: "build", limitMs: 30_000, spread: BUILD_SPREAD },
    models: [
      { coderdCores: 4, buildCpuSeconds: 1.5 },
      { coderdCores: 8, buildCpuSeconds: 0.5 },
      { coderdCores: 16, buildCpuSeconds: 0.33 },
    ],
  },
  "users of a mixed scenario": {
    unit: { messagesPerSecond: 1, requestsPerSecond: 0.2 },
    objectives: ["round_trip.p95<200ms", "api_latency.p95<300ms"],
    right: { of: "answer", limitMs: 200 },
    models: [
      { replicas: 2, coderdCores: 1, messageMs: 6, requestMs: 12 },
      { replicas: 2, coderdCores: 2, messageMs: 4, requestMs: 8 },
      // The database is the limit.
      { replicas: 2, coderdCores: 4, databaseCores: 1, messageMs: 2, requestMs: 4, requestDatabaseMs: 3.4 },
    ],
  },
};

const SEEDS = [1, 2, 3, 4, 5];

describe("sixty searches for a limit that is known", () => {
  for (const [name, { unit, objectives, right, models }] of Object.entries(KINDS))
    for (const own of models) {
      const model = { ...NO_LOAD_MODEL, ...own };
      const capacity = largestLoad(model, unit, right) ?? 0;
      it(`${name}: ${capacity}, within 5 % in twelve levels, five seeds`, () => {
        expect(capacity).toBeGreaterThan(50);
        expect(capacity).toBeLessThan(2_000);
        for (const seed of SEEDS) {
          const deployment = new VirtualDeployment({ model, unit, seed });
          const { end, levels } = drive(deployment, { objectives: objectives.map(objective) });
          if (end.kind !== "found") throw new Error(JSON.stringify({ seed, end }));
          const off = Math.abs(end.passing.level / capacity - 1);
          expect({ seed, passing: end.passing.level, isRight: off <= 0.05 }).toEqual({
            ...{ seed, passing: end.passing.level, isRight: true },
          });
          expect(levels.length).toBeLessThanOrEqual(12);
          expect(end.failing.level).toBeGreaterThan(end.passing.level);
          expect(Math.min(end.passing.looks, end.failing.looks)).toBeGreaterThanOrEqual(3);
          expect(end.confidence).toBeGreaterThan(0);
          expect(end.confidence).toBeLessThan(1);
        }
      });
    }
});
