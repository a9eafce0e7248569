import { describe, expect, it } from "vitest";
import type { Workspace } from "../../../src/coder/schemas.ts";
import { Refusal } from "../../../src/contract/failures.ts";
import { english } from "../../../src/text/message.ts";
import { usableTargets } from "../../../src/workloads/targets.ts";
import { lackOf } from "../../../src/workloads/workspace-traffic/usable.ts";

interface SomeAgent {
  name: string;
  parent_id?: string;
  operating_system?: string;
  apps?: { slug: string; external?: boolean }[];
}

const withApps = (agent: SomeAgent) => ({ apps: [], ...agent });
const workspace = (name: string, ...resources: SomeAgent[][]) => {
  const latest_build = { resources: resources.map((agents) => ({ agents: agents.map(withApps) })) };
  return { name, latest_build } as unknown as Workspace;
};

function use(wanted: { agent?: string; app?: string }, ...workspaces: Workspace[]) {
  const warnings: string[] = [];
  const targets = usableTargets(
    wanted.agent,
    workspaces,
    (what) => warnings.push(english(what)),
    (target) => lackOf(wanted, target),
  );
  return { used: targets.map((one) => `${one.workspace.name}.${one.agent.name}`), warnings };
}

describe("workspaces that traffic goes to", () => {
  it("are those with an agent; the others are left out, with a warning that counts them", () => {
    const { used, warnings } = use(
      {},
      workspace("a", [{ name: "main" }]),
      workspace("b"),
      workspace("c", []),
    );
    expect(used).toEqual(["a.main"]);
    expect(warnings).toEqual(["2 of 3 workspaces are left out: no agent in b and 1 more"]);
  });

  it("have the agent that is named, and the app, each told where it lacks", () => {
    const echo = [{ slug: "echo" }];
    const all = [
      workspace("a", [{ name: "gpu", apps: echo }]),
      workspace("b", [{ name: "main", apps: echo }]),
      workspace("c", [{ name: "gpu", apps: [{ slug: "echo", external: true }, { slug: "docs" }] }]),
    ];
    const { used, warnings } = use({ agent: "gpu", app: "echo" }, ...all);
    expect(used).toEqual(["a.gpu"]);
    expect(warnings).toEqual([
      '2 of 3 workspaces are left out: no agent "gpu" (there is main) in b, no app "echo" (there is docs) in c',
    ]);
  });

  it("are reached by their own agent, not by that of a dev container, wherever it sorts", () => {
    const sub = { name: "container", parent_id: "1" };
    expect(use({}, workspace("a", [sub, { name: "main" }])).used).toEqual(["a.main"]);
    expect(use({}, workspace("a", [{ name: "main" }], [sub])).used).toEqual(["a.main"]);
    expect(use({ agent: "container" }, workspace("a", [sub, { name: "main" }])).used).toEqual([
      "a.container",
    ]);
  });

  it("have something that echoes: a Windows agent is left out, but for its apps", () => {
    const windows = workspace("w", [{ name: "main", operating_system: "windows", apps: [{ slug: "echo" }] }]);
    const { used, warnings } = use({}, windows, workspace("a", [{ name: "main" }]));
    expect(used).toEqual(["a.main"]);
    expect(warnings).toEqual(["1 of 2 workspaces are left out: Windows, which has no sh to echo by, in w"]);
    expect(use({ app: "echo" }, windows).used).toEqual(["w.main"]);
  });

  it("are needed: without a single one the run is refused, and says why", () => {
    expect(() => use({ app: "echo" }, workspace("a", [{ name: "main" }]))).toThrow(
      'no workspace can be used: no app "echo" (there is none) in a',
    );
    expect(() => use({ app: "echo" }, workspace("a", [{ name: "main" }]))).toThrow(Refusal);
  });
});
