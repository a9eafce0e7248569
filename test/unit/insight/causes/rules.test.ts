import { describe, expect, it } from "vitest";
import { RULES } from "../../../../src/insight/causes/rules.ts";
import { look } from "../../../../src/measure/values.ts";
import { english } from "../../../../src/text/message.ts";
import {
  always,
  BASELINE_S,
  count,
  from,
  type Measured,
  names,
  type Story,
  share,
  told,
  took,
} from "./story.ts";

/** A healthy coderd's page, and a healthy database. */
const PAGE: Measured = {
  'server_up{source="a"}': always(1, 2),
  'server_restarts{source="a"}': always(0, 2),
  'server_cpu{source="a"}': always(0.3, 2),
  'server_cores{source="a"}': always(2, 2),
  'server_memory{source="a"}': always(300e6, 2),
  'server_latency{route="/api/v2/users"}': took(8),
  server_db_most: always(10, 2),
  'server_db_connections{state="in_use"}': always(1, 2),
  server_db_waits: always(0, 2),
  'server_query{query="GetUser"}': took(2, 40),
};
const TERMINALS: Measured = {
  'round_trip{transport="pty"}': took(20),
  'achieved{transport="pty"}': share(100, 100),
};
const CREATIONS: Measured = {
  queue: took(100),
  provision: took(4_000),
  agent_connect: took(900),
  startup_script: took(700),
  'api_latency{method="GET"}': took(30),
};
/** A third of it is as quick as ever: the way is not far. */
const mixed = (ms: number) => (at: number) => took(at % 3 === 0 ? 20 : ms)();
/** Late here, and late at coderd itself. */
const SLOW_CALLS: Measured = {
  'api_latency{method="GET"}': mixed(900),
  'server_latency{route="/slow"}': mixed(880),
};
const SLOW_TRIPS: Measured = {
  'round_trip{transport="pty"}': mixed(700),
  'achieved{transport="pty"}': share(70, 100),
};

const of = (load: Measured, more: Partial<Story> = {}): Story => ({
  before: PAGE,
  load: { ...PAGE, ...load },
  after: PAGE,
  ...more,
});

describe("a healthy run", () => {
  it("names nothing, and has nothing that cannot be told", () => {
    const nothing = { named: [], cannot_tell: [], felt: [] };
    expect(told(of({ ...CREATIONS, ...TERMINALS }))).toEqual(nothing);
    expect(told({ load: { ...CREATIONS, ...TERMINALS } })).toEqual(nothing);
  });

  it("names nothing where the server is busy and users feel nothing of it", () => {
    const busy = {
      'server_cpu{source="a"}': always(1.95, 2),
      server_db_waits: always(50, 2),
      server_db_wait: always(80, 2),
      'server_query{query="GetUser"}': took(300, 40),
      'server_requests{status="429"}': always(3, 2),
      'server_jobs{state="waiting"}': always(9, 8),
    };
    expect(names(of({ ...CREATIONS, ...TERMINALS, ...busy }))).toEqual([]);
  });

  it("says what users feel where no rule knows the cause", () => {
    const { named, cannot_tell, felt } = told(of(SLOW_TRIPS));
    expect({ named, cannot_tell }).toEqual({ named: [], cannot_tell: [] });
    expect(felt.map(({ text }) => english(text))).toEqual([
      "round trips take 700ms (p95)",
      "70 % of what was offered came back",
    ]);
  });
});

describe("every rule", () => {
  it("has a page with its remedy, and an id of its own", () => {
    expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
    for (const { source, felt } of RULES) {
      expect(new URL(source).protocol).toBe("https:");
      expect(felt.length).toBeGreaterThan(0);
    }
  });
});

/** What speaks for each rule; what is measured instead of one part of it, so that it does not hold; how it is worded. */
const WITH_EVIDENCE: Record<
  string,
  { story: Story; since?: number; lines: RegExp[]; not: Record<string, Story> }
> = {
  provisioners: {
    story: of({
      ...{ ...CREATIONS, queue: took(30_000) },
      'server_jobs{state="waiting"}': from(4, 12),
      'server_daemons{state="idle"}': from(4, 0, 3),
      'server_daemons{state="busy"}': from(4, 3),
    }),
    since: 0,
    lines: [/builds wait 30s/, /up to 12 jobs waited/, /3 daemons are busy, and none is idle/],
    not: {
      "a short queue": of({ ...CREATIONS, queue: took(300), 'server_jobs{state="waiting"}': always(2) }),
    },
  },
  database_pool: {
    story: of({
      ...SLOW_CALLS,
      server_db_waits: (at) => always(at >= 6 ? 40 : 0, 2)(at),
      server_db_wait: always(150, 2),
      'server_db_connections{state="in_use"}': from(6, 10, 2),
      'server_query{query="GetUser"}': (at) => (at % 2 === 0 ? took(at >= 6 ? 150 : 2, 80)() : undefined),
    }),
    since: BASELINE_S + 6,
    lines: [/28 queries a second wait for a connection, 150ms/, /up to 10 of 10 connections/],
    not: {
      "no waits": of(SLOW_CALLS),
      "waits as before": of({ ...SLOW_CALLS, server_db_waits: always(0.4) }),
    },
  },
  database: {
    story: of({ ...SLOW_CALLS, 'server_query{query="GetUser"}': (at) => took(at >= 5 ? 400 : 2, 40)() }),
    since: BASELINE_S + 5,
    lines: [/database queries take \d+ms on average without the wait for a connection, 2ms before/],
    not: {
      "queries as before": of(SLOW_CALLS),
      // A database that is always that slow is what was there before the load.
      "queries that were slow before": {
        ...of({ ...SLOW_CALLS, 'server_query{query="GetUser"}': took(45, 40) }),
        before: { ...PAGE, 'server_query{query="GetUser"}': took(40, 40) },
      },
    },
  },
  coderd_cpu: {
    story: of({
      ...SLOW_TRIPS,
      'server_cpu{source="a"}': from(8, 1.96, 0.4),
      'server_latency{route="/x"}': took(500),
    }),
    since: BASELINE_S + 8,
    lines: [/coderd takes 2 of 2 cores/, /coderd answers in \d+ms \(p95\), in 8ms before the load/],
    not: { "cores left": of({ ...SLOW_TRIPS, 'server_cpu{source="a"}': always(1.2, 2) }) },
  },
  memory: {
    story: of(
      {
        ...{ 'connections{event="dropped",transport="pty"}': count(1), ...TERMINALS },
        'server_memory{source="a"}': (at) => always(300e6 * (1 + at / 4))(at),
      },
      { after: { ...PAGE, 'server_memory{source="a"}': always(1.6e9) } },
    ),
    lines: [/coderd's memory grew from 300 MB to 1.73 GB/],
    not: {
      "memory that stays": of({ 'connections{event="dropped",transport="pty"}': count(1), ...TERMINALS }),
    },
  },
  rate_limit: {
    story: of({
      ...CREATIONS,
      rate_limit_wait: (at) => (at >= 3 ? count(800)() : undefined),
      'server_requests{status="429"}': always(2, 2),
    }),
    since: BASELINE_S + 0,
    lines: [/requests waited 13\.6s/, /coderd refuses 2 of 2 requests a second/],
    not: { "a short wait": of({ ...CREATIONS, rate_limit_wait: count(10) }) },
  },
  agents: {
    story: of({ ...CREATIONS, agent_connect: took(25_000) }),
    since: BASELINE_S,
    lines: [/agents take 25s to connect/, /half of the builds less than 4s/],
    not: { "agents that are quick": of({ ...CREATIONS, agent_connect: took(5_000) }) },
  },
  startup_scripts: {
    story: of({ ...CREATIONS, startup_script: took(60_000) }),
    since: BASELINE_S,
    lines: [/startup scripts take 1m0s/, /92 % of the time/],
    not: { "scripts that are quick": of({ ...CREATIONS, startup_script: took(9_000) }) },
  },
  relay: {
    story: of({ ...TERMINALS, 'round_trip{transport="ssh"}': (at) => took(at >= 6 ? 900 : 30, 40)() }),
    lines: [/round trips by SSH over the relay take more than \d+ms; by web terminal, 20ms/],
    not: { "both are slow": of({ ...SLOW_TRIPS, 'round_trip{transport="ssh"}': took(800) }) },
  },
  replica: {
    story: of({
      ...TERMINALS,
      'connections{event="opened",transport="pty"}': (at) => (at === 0 ? count(40)() : undefined),
      'connections{event="dropped",transport="pty"}': (at) => (at === 9 ? count(20)() : undefined),
      'server_restarts{source="a"}': from(11, 1),
    }),
    since: BASELINE_S + 9,
    lines: [/20 connections were dropped/, /^coderd was restarted 1 time$/, /users lost 20 connections/],
    not: {
      "a restart that nobody lost anything by": of({
        ...TERMINALS,
        'server_restarts{source="a"}': from(11, 1),
      }),
      "drops at another time": of({
        ...TERMINALS,
        'connections{event="dropped",transport="pty"}': (at) => (at === 1 ? count(20)() : undefined),
        'server_restarts{source="a"}': from(15, 1),
      }),
      // An expired token for the page is no replica that has gone.
      "a page that does not answer": of({ ...TERMINALS, 'server_up{source="a"}': from(8, 0, 1) }),
    },
  },
  proxy: {
    story: of({ 'api_latency{method="GET"}': (at) => took(at % 2 === 0 ? 900 : 20, 20)() }),
    lines: [/API calls take 900ms here and 8ms at coderd/],
    not: {
      "coderd is as slow itself": of({ ...SLOW_CALLS, 'server_latency{route="/x"}': took(880) }),
    },
  },
  network: {
    story: of({ 'api_latency{method="GET"}': took(320, 20) }),
    since: BASELINE_S,
    lines: [/even the fastest takes 3\d\dms here, where coderd needs 8ms/],
    not: {
      "a fast first call": of({ 'api_latency{method="GET"}': (at) => took(at % 2 === 0 ? 900 : 20, 20)() }),
    },
  },
  generator: {
    story: of(
      { ...SLOW_TRIPS, ...{ loop_lateness: took(1_200, 1), generator_cpu: always(1) } },
      { invalid: (at) => at >= 4 && at % 2 === 0 },
    ),
    since: BASELINE_S + 4,
    lines: [/40 % of the seconds do not count: this tool itself was 2s late/],
    not: { "one bad second": of(SLOW_TRIPS, { invalid: (at) => at === 4 }) },
  },
};

describe("with its evidence", () => {
  for (const [rule, { story, lines, ...more }] of Object.entries(WITH_EVIDENCE))
    it(`${rule} is named first, with its figures`, () => {
      const [first] = told(story).named;
      expect(first?.rule).toBe(rule);
      const because = (first?.because ?? []).map(({ text }) => english(text));
      for (const line of lines) expect(because).toContainEqual(expect.stringMatching(line));
      if ("since" in more && more.since !== undefined) expect(first?.since).toBe(more.since);
    });

  it("covers every rule", () => {
    expect(Object.keys(WITH_EVIDENCE).sort()).toEqual(RULES.map(({ id }) => id).sort());
  });
});

describe("without its evidence", () => {
  for (const [rule, { not }] of Object.entries(WITH_EVIDENCE))
    for (const [name, story] of Object.entries(not))
      it(`${rule} is not named for ${name}`, () => expect(names(story)).not.toContain(rule));
});

describe("counter-evidence", () => {
  it("idle daemons speak against too few of them: their tags do not match", () => {
    const story = of({
      ...{ ...CREATIONS, queue: took(30_000) },
      'server_jobs{state="waiting"}': always(12),
      'server_daemons{state="idle"}': always(2),
      'server_daemons{state="busy"}': always(1),
    });
    const [first] = told(story).named;
    expect(first).toMatchObject({ rule: "provisioners" });
    expect(first?.strength).toBeLessThan(0.5);
    expect(first?.counter.map(({ text }) => english(text))).toEqual([
      "2 daemons are idle while jobs wait: their tags may not be those of the template",
    ]);
  });

  it("a pool that slow queries fill is the database's fault", () => {
    const { named } = told(
      of({
        ...SLOW_CALLS,
        server_db_waits: always(10, 2),
        server_db_wait: always(150, 2),
        'server_db_connections{state="in_use"}': always(10, 2),
        'server_query{query="GetUser"}': took(800, 40),
      }),
    );
    expect(named.map(({ rule }) => rule)).toEqual(["database", "database_pool"]);
    expect(named[1]?.counter.map(({ text }) => english(text))).toEqual([
      expect.stringMatching(/^database queries take/),
    ]);
  });

  it("waits of some looks are taken off the queries of those looks, whatever the buckets say", () => {
    // Few wait shortly, then many for long; the page's buckets are coarse.
    const late = (at: number) => at >= 10;
    const { named } = told(
      of({
        ...SLOW_CALLS,
        server_db_waits: (at) => always(late(at) ? 20 : 1, 2)(at),
        server_db_wait: (at) => always(late(at) ? 1_100 : 5, 2)(at),
        'server_db_connections{state="in_use"}': always(10, 2),
        'server_query{query="GetUser"}': (at) =>
          at % 2 === 0 ? took(late(at) ? 1_750 : 7, 40)() : undefined,
        server_query_mean: (at) => always(late(at) ? 1_105 : 7, 2)(at),
      }),
    );
    expect(named.map(({ rule }) => rule)).toEqual(["database_pool"]);
  });

  it("a coderd without CPU times its own slowness as the database's", () => {
    const story = of({
      ...SLOW_TRIPS,
      'server_cpu{source="a"}': always(2, 2),
      'server_query{query="GetUser"}': took(150, 40),
    });
    expect(names(story)).toEqual(["coderd_cpu"]);
    expect(names({ ...story, load: { ...story.load, ...SLOW_CALLS } })).toEqual(["coderd_cpu", "database"]);
  });

  it("a coderd behind a limit that nobody tells of is slow in what needs no database, too", () => {
    const load = { ...SLOW_TRIPS, 'server_query{query="GetUser"}': took(150, 40) };
    const cpu = (cores: number) => of({ ...load, 'server_cpu{source="a"}': always(cores, 2) });
    const [first] = told(cpu(0.6)).named;
    expect(first?.rule).toBe("coderd_cpu");
    expect(first?.because.map(({ text }) => english(text))).toContainEqual(
      expect.stringMatching(
        /^round trips, which need no database, .* takes 0\.6 cores, of the 2 that it counts, and waits for more/,
      ),
    );
    // One that takes no more than before the load has no turn to wait for.
    expect(names(cpu(0.3))).toEqual([]);
    // Trips that are as quick as ever leave the database where it is.
    const calls = { ...SLOW_CALLS, ...TERMINALS, 'server_query{query="GetUser"}': took(150, 40) };
    expect(names(of({ ...calls, 'server_cpu{source="a"}': (at) => look(0.5 + (at % 4) / 10) }))).toEqual([
      "database",
    ]);
  });

  it("a tool that comes late itself proves nothing of what stands in front of coderd", () => {
    const gap = { 'api_latency{method="GET"}': (at: number) => took(at % 2 === 0 ? 900 : 20, 20)() };
    expect(names(of({ ...gap, loop_lateness: took(5, 1) }))).toEqual(["proxy"]);
    expect(names(of({ ...gap, loop_lateness: took(400, 1) }))).toEqual([]);
  });

  it("memory that is free again after the load weighs less", () => {
    const load = { ...TERMINALS, 'connections{event="dropped",transport="pty"}': count(1) };
    const grown = { ...load, 'server_memory{source="a"}': (at: number) => always(300e6 * (1 + at / 4))(at) };
    const strength = (after: number) =>
      told(of(grown, { after: { ...PAGE, 'server_memory{source="a"}': always(after) } })).named.find(
        ({ rule }) => rule === "memory",
      )?.strength ?? 0;
    expect(strength(320e6)).toBeLessThan(strength(1.7e9));
  });

  it("agents that are slow beside a database that is slow are no cause of their own", () => {
    const load = {
      ...CREATIONS,
      ...SLOW_CALLS,
      agent_connect: took(25_000),
      'server_query{query="GetUser"}': took(900, 40),
    };
    expect(names(of(load))[0]).toBe("database");
  });
});

describe("what cannot be told", () => {
  it("says what is wanting, where users feel something", () => {
    const { named, cannot_tell } = told({ load: { ...CREATIONS, ...SLOW_CALLS, queue: took(30_000) } });
    expect(named).toEqual([]);
    const without = cannot_tell.map((one) => [one.rule, english(one.without)]);
    expect(without).toContainEqual([
      "coderd_cpu",
      "coderd's Prometheus page (--server-metrics) or Kubernetes' metrics of its pods (--kubeconfig)",
    ]);
    expect(without).toContainEqual([
      "database",
      "coderd's Prometheus page (--server-metrics) or PostgreSQL's own figures (CODER_SCALETEST_PG_URL)",
    ]);
    expect(without).toContainEqual(["provisioners", expect.stringContaining("provisioner jobs")]);
  });

  it("names the switch that adds database metrics, where coderd is slow and its page has none", () => {
    const { 'server_query{query="GetUser"}': _queries, ...page } = PAGE;
    const { cannot_tell } = told({
      before: page,
      load: { ...page, ...SLOW_CALLS, 'server_latency{route="/x"}': took(800) },
    });
    expect(cannot_tell.map((one) => [one.rule, english(one.without)])).toEqual([
      ["database", expect.stringContaining("CODER_PROMETHEUS_COLLECT_DB_METRICS=true")],
    ]);
  });

  it("SSH alone does not tell whether it is the relay", () => {
    const { cannot_tell } = told(of({ 'round_trip{transport="ssh"}': took(900) }));
    expect(cannot_tell.map(({ rule }) => rule)).toEqual(["relay"]);
  });
});

describe("CPU below the cores that a server counts", () => {
  const flat = { ...SLOW_TRIPS, 'server_latency{route="/x"}': took(900) };
  const told_ = (before: number) =>
    names({
      before: { ...PAGE, 'server_cpu{source="a"}': always(before, 2) },
      load: { ...PAGE, ...flat, 'server_cpu{source="a"}': always(0.5, 2) },
    });

  it("is at the limit of its container where it has risen, is the same in every look, and the server is slow", () => {
    expect(told_(0.05)).toEqual(["coderd_cpu"]);
  });

  it("is not where it was the same before the load", () => {
    expect(told_(0.5)).toEqual([]);
  });
});

describe("CPU without a word on cores", () => {
  const { 'server_cores{source="a"}': _cores, ...page } = PAGE;
  const flat = { ...SLOW_TRIPS, 'server_latency{route="/x"}': took(900) };
  const told_ = (cpu: (at: number) => number) =>
    names({
      before: page,
      load: { ...page, ...flat, 'server_cpu{source="a"}': (at) => always(cpu(at), 2)(at) },
    });

  it("is at its limit where it is the same in every look, and the server has become slow", () => {
    expect(told_((at) => 0.99 + 0.01 * (at % 3))).toEqual(["coderd_cpu"]);
  });

  it("is not where it varies as work does", () => {
    expect(told_((at) => 0.7 + 0.15 * (at % 5))).toEqual([]);
  });
});

describe("PostgreSQL's own figures", () => {
  const locks = (n: number) => always(n, 5);
  const HEALTHY_PG: Measured = {
    server_pg_most: always(100, 5),
    'server_pg_connections{state="active"}': always(3, 5),
    'server_pg_connections{state="idle"}': always(12, 5),
    'server_pg_waits{wait="Lock"}': locks(0),
    server_pg_longest: always(20, 5),
    'server_pg_statement{statement="GetWorkspaces"}': (at) => (at % 10 === 0 ? took(8, 40)() : undefined),
    'server_pg_statement_load{statement="GetWorkspaces"}': always(0.1, 10),
  };
  /** Nobody has coderd's page. */
  const blind = (load: Measured): Story => ({
    before: HEALTHY_PG,
    load: { ...HEALTHY_PG, 'api_latency{method="GET"}': mixed(900), ...load },
  });
  const linesOf = (story: Story, rule: string) =>
    told(story)
      .named.find((one) => one.rule === rule)
      ?.because.map(({ text }) => english(text));

  it("name the database by what waits for locks, with the transaction that was open", () => {
    const locked = blind({
      'server_pg_waits{wait="Lock"}': (at) => locks(at >= 5 ? 7 : 0)(at),
      server_pg_longest: always(14_000, 5),
    });
    const [first] = told(locked).named;
    expect([first?.rule, first?.since]).toEqual(["database", BASELINE_S + 5]);
    expect(linesOf(locked, "database")).toEqual(
      expect.arrayContaining([
        "up to 7 statements of PostgreSQL wait for a lock",
        "a transaction was open for 14s",
      ]),
    );
  });

  it("name it by the statement that keeps most sessions busy, among those that have become slow", () => {
    const slow = (ms: number) => (at: number) => (at % 10 === 0 ? took(ms, 40)() : undefined);
    const story = blind({
      'server_pg_statement{statement="GetWorkspaces"}': slow(420),
      'server_pg_statement_load{statement="GetWorkspaces"}': always(6, 10),
      'server_pg_statement{statement="InsertLog"}': slow(90),
      'server_pg_statement_load{statement="InsertLog"}': always(1, 10),
    });
    expect(names(story)).toEqual(["database"]);
    expect(linesOf(story, "database")).toContain(
      "GetWorkspaces takes 420ms in PostgreSQL on average, 8ms before the load",
    );
    // A report that runs once is no load, however long it takes.
    const seldom = {
      'server_pg_statement{statement="GetWorkspaces"}': slow(420),
      'server_pg_statement_load{statement="GetWorkspaces"}': always(0.05, 10),
    };
    expect(names(blind(seldom))).toEqual([]);
  });

  it("stand beside what coderd says of its queries", () => {
    const story = of({
      ...{ ...SLOW_CALLS, ...HEALTHY_PG, 'server_pg_waits{wait="Lock"}': locks(4) },
      'server_query{query="GetUser"}': (at) => took(at >= 5 ? 400 : 2, 40)(),
    });
    expect(names(story)[0]).toBe("database");
    expect(linesOf(story, "database")).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^database queries take/),
        "up to 4 statements of PostgreSQL wait for a lock",
      ]),
    );
  });

  it("name connections that PostgreSQL has none left of", () => {
    const story = blind({ 'server_pg_connections{state="active"}': always(86, 5) });
    expect(names(story)).toEqual(["database_pool"]);
    expect(linesOf(story, "database_pool")).toContain(
      "PostgreSQL has 98 of 100 connections (max_connections)",
    );
  });

  it("name nothing where they are as before, and ask for nothing more of the database", () => {
    const { named, cannot_tell } = told(blind({}));
    expect(named).toEqual([]);
    expect(cannot_tell.map(({ rule }) => rule)).not.toContain("database");
  });
});

describe("figures of pods", () => {
  const share = (what: string, value: (at: number) => number): Measured => ({
    [`server_pod_${what}_share{role="coderd"}`]: (at) => always(value(at), 5)(at),
  });
  const POD: Measured = {
    ...share("cpu", () => 0.3),
    ...share("memory", () => 0.5),
    'server_pod_oom{role="coderd"}': always(1, 5),
    'server_pod_memory{role="coderd"}': always(300e6, 5),
  };
  const DROPS = { 'connections{event="dropped",transport="pty"}': count(1), ...TERMINALS };
  const blind = (load: Measured): Story => ({ before: POD, load: { ...POD, ...load } });
  const because = (story: Story) => told(story).named[0]?.because.map(({ text }) => english(text)) ?? [];

  it("name coderd's CPU where a container is at its limit, whatever cores the page counts", () => {
    const full = share("cpu", (at) => (at >= 5 ? 0.99 : 0.4));
    const alone = blind({ ...SLOW_TRIPS, ...full });
    expect(told(alone).named[0]).toMatchObject({ rule: "coderd_cpu", since: BASELINE_S + 5 });
    expect(because(alone)).toContain("a container of coderd takes 99 % of the CPU of its limit");
    // Its page has cores left: those of the node.
    const beside = of({ ...SLOW_TRIPS, ...full, 'server_cpu{source="a"}': always(0.5, 2) });
    expect(names(beside)[0]).toBe("coderd_cpu");
    const both = of({ ...SLOW_TRIPS, ...full, 'server_cpu{source="a"}': always(1.96, 2) });
    expect(because(both)).toEqual(
      expect.arrayContaining([
        "coderd takes 2 of 2 cores",
        "a container of coderd takes 99 % of the CPU of its limit",
      ]),
    );
  });

  it("name the database where its container is at its limit", () => {
    const full = { 'server_pod_cpu_share{role="database"}': always(1, 5) };
    expect(names(blind({ ...SLOW_CALLS, ...full }))).toContain("database");
  });

  it("name memory where a container was killed for want of it, and say how full it was", () => {
    const killed = blind({
      ...DROPS,
      ...share("memory", () => 0.97),
      'server_pod_oom{role="coderd"}': (at) => always(at >= 10 ? 2 : 1, 5)(at),
    });
    expect(told(killed).named[0]).toMatchObject({ rule: "memory", since: BASELINE_S + 10 });
    expect(because(killed)).toEqual(
      expect.arrayContaining([
        "coderd was killed 1 time for want of memory (OOMKilled)",
        "a container of coderd takes 97 % of the memory of its limit",
      ]),
    );
  });

  it("name memory that grows by pods alone", () => {
    const grown = { 'server_pod_memory{role="coderd"}': (at: number) => always(300e6 * (1 + at / 4))(at) };
    expect(names(blind({ ...DROPS, ...grown }))).toContain("memory");
  });

  it("name nothing where containers have room, were killed before, or have no limit", () => {
    for (const load of [SLOW_TRIPS, DROPS]) expect(names(blind(load))).toEqual([]);
    const { cannot_tell } = told(blind(SLOW_TRIPS));
    expect(cannot_tell.map(({ rule }) => rule)).not.toContain("coderd_cpu");
  });
});
