// What Coder has published. Sources: docs/sizing.md, which names the pages.

/** A machine, or one replica. */
export interface Size {
  cores: number;
  /** GB. */
  memory: number;
}

/** One of the validated architectures of 2026. */
export interface Tier {
  name: string;
  /** At most. */
  users: number;
  running: number;
  builds: number;
  coderd: Size & { replicas: number };
  /** One build each, 1 core and 1 GB. */
  provisioners: number;
  database: Size;
}

/** Of the users, so many have a workspace that runs; of these, so many are built at the same time. */
export const RUNNING_SHARE = 0.6;
export const BUILDING_SHARE = 0.1;

export const TIERS: readonly [Tier, ...Tier[]] = [
  tier("1k", 1_000, { cores: 2, memory: 8, replicas: 3 }, { cores: 8, memory: 30 }),
  tier("2k", 2_000, { cores: 4, memory: 12, replicas: 3 }, { cores: 16, memory: 60 }),
  tier("3k", 3_000, { cores: 4, memory: 12, replicas: 4 }, { cores: 32, memory: 120 }),
  tier("10k", 10_000, { cores: 4, memory: 12, replicas: 10 }, { cores: 64, memory: 240 }),
];

function tier(name: string, users: number, coderd: Tier["coderd"], database: Size): Tier {
  const running = users * RUNNING_SHARE;
  const builds = running * BUILDING_SHARE;
  return { name, users, running, builds, coderd, provisioners: builds, database };
}

/** A test whose result Coder has published: evidence, not a rule. Each connection moved 40 KB/s. */
export interface PublishedTest {
  users: number;
  builds: number;
  connections: number;
  coderd: Size & { replicas: number };
  database: string;
  version: string;
  /** Year, month, day. */
  tested: string;
}

export const PUBLISHED_TESTS: readonly PublishedTest[] = [
  test(200, 3, [3, 12, 1], "db-f1-micro", "v0.24.1", "2023-06-26"),
  test(1_500, 20, [4, 8, 1], "db-custom-1-3840", "v0.24.1", "2023-06-27"),
  test(500, 20, [2, 4, 1], "db-custom-1-3840", "v0.27.2", "2023-07-27"),
  test(1_000, 20, [2, 8, 2], "db-custom-2-7680", "v2.2.1", "2023-10-09"),
  test(2_000, 50, [4, 16, 2], "db-custom-8-30720", "v2.8.4", "2024-02-28"),
  test(1_000, 50, [2, 4, 2], "db-custom-2-7680", "v2.10.2", "2024-04-26"),
];

function test(
  users: number,
  builds: number,
  [cores, memory, replicas]: [number, number, number],
  database: string,
  version: string,
  tested: string,
): PublishedTest {
  return {
    users,
    builds,
    connections: users,
    coderd: { cores, memory, replicas },
    database,
    version,
    tested,
  };
}

/** The published test with the nearest number of users, by their ratio; of two as near, the newer. */
export function nearestTest(users: number): PublishedTest {
  const far = (one: PublishedTest) => Math.abs(Math.log(one.users / Math.max(1, users)));
  return PUBLISHED_TESTS.reduce((best, one) =>
    far(one) < far(best) || (far(one) === far(best) && one.tested > best.tested) ? one : best,
  );
}
