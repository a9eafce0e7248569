import { describe, expect, it } from "vitest";
import { userSchema, workspaceSchema } from "../../../src/coder/schemas.ts";
import { askForTicked, findLeftoversForTree } from "../../../src/vscode/features/leftovers/command.ts";
import { leftoverNodes, Ticks } from "../../../src/vscode/features/leftovers/tree-model.ts";
import type { Leftover } from "../../../src/workloads/leftovers.ts";

const NOW = Date.parse("2026-01-01T10:00:00Z");
const job = { id: "j", status: "succeeded", created_at: "2026-01-01T09:00:00Z" };

function leftover(name: string, created: string, withUser = true): Leftover {
  const build = { id: "b", build_number: 1, transition: "start", status: "running", job };
  const workspace = {
    id: `w-${name}`,
    name,
    owner_id: `u-${name}`,
    owner_name: name,
    created_at: created,
    template_name: "kubernetes",
    latest_build: build,
  };
  const user = { id: `u-${name}`, username: name, email: `${name}@scaletest.local`, created_at: created };
  return {
    owner: name,
    user: withUser ? userSchema.parse(user) : undefined,
    workspaces: [workspaceSchema.parse(workspace)],
  };
}

const all = [
  leftover("scaletest-aaaaaaaa-0", "2026-01-01T09:30:00Z"),
  leftover("scaletest-bbbbbbbb-0", "2026-01-01T08:00:00Z"),
  leftover("scaletest-bbbbbbbb-1", "2026-01-01T08:10:00Z"),
  leftover("scaletest-Xy12-7", "2025-12-31T10:00:00Z"),
];

describe("the tree of leftovers", () => {
  it("is run by run, the largest first, with age and template; other tools' come last", () => {
    const nodes = leftoverNodes(all, new Map([["bbbbbbbb", "create 2 × kubernetes"]]), NOW);
    expect(nodes.map(({ label, description }) => [label, description])).toEqual([
      ["2 workspaces", "create 2 × kubernetes · 2h0m0s old"],
      ["1 workspace", "Run aaaaaaaa · 30m0s old"],
      ["1 workspace", "Of another tool · 24h0m0s old"],
    ]);
    expect(nodes[0]?.tooltip).toBe(
      "create 2 × kubernetes\nRun bbbbbbbb\n2 workspaces, 2 users · 2h0m0s old\nTemplates: kubernetes",
    );
    expect(nodes[0]?.spoken).toBe("Run bbbbbbbb, 2 workspaces, 2 users · 2h0m0s old");
    expect(nodes[2]?.children.map(({ label }) => label)).toEqual(["scaletest-Xy12-7"]);
  });

  it("names users by what tells them apart, the tenth after the ninth", () => {
    const users = [10, 9, 1].map((at) => leftover(`scaletest-aaaaaaaa-${at}`, "2026-01-01T09:59:00Z"));
    const [node] = leftoverNodes(users, new Map(), NOW);
    expect(node?.children.map(({ label }) => label)).toEqual(["User 1", "User 9", "User 10"]);
    expect(node?.children[0]?.tooltip).toMatch(/^scaletest-aaaaaaaa-1\n/);
    expect(node?.children[0]?.spoken).toMatch(/^scaletest-aaaaaaaa-1, /);
  });

  it("says where a person's own account stays", () => {
    const [node] = leftoverNodes(
      [leftover("scaletest-aaaaaaaa-0", "2026-01-01T09:59:00Z", false)],
      new Map(),
      NOW,
    );
    expect(node?.children[0]?.description).toBe("1 workspace · the user stays · 1m0s old");
  });

  it("a run is ticked when all of it is", () => {
    const [run] = leftoverNodes(all, new Map(), NOW);
    const [first, second] = run?.children ?? [];
    if (!run || !first || !second) throw new Error("no nodes");
    const ticks = new Ticks();
    ticks.set(run, true);
    expect([run, first, second].map((node) => ticks.has(node))).toEqual([true, true, true]);
    ticks.set(second, false);
    expect([run, first, second].map((node) => ticks.has(node))).toEqual([false, true, false]);
    expect(ticks.among(all).map(({ owner }) => owner)).toEqual(["scaletest-bbbbbbbb-0"]);
  });
});

describe("deleting what is ticked", () => {
  const url = "https://coder.example.com";
  const said: string[] = [];
  const parts = (answer: boolean) => ({
    inputs: { choose: async () => undefined } as never,
    deployments: () => [{ url }] as never,
    target: async (to: string) => ({ url: to, token: "t", network: {} }),
    leftovers: async () => all,
    titles: async () => new Map<string, string>(),
    confirm: async () => answer,
    say: (text: string) => void said.push(text),
  });
  const tree = () => {
    let shown: { url: string; leftovers: readonly Leftover[] } | undefined;
    return {
      picked: [] as string[],
      show(to: string, leftovers: readonly Leftover[]) {
        shown = { url: to, leftovers };
      },
      ticked() {
        return (
          shown && {
            url: shown.url,
            leftovers: shown.leftovers.filter(({ owner }) => this.picked.includes(owner)),
          }
        );
      },
    };
  };

  it("asks once more, and names the users that were ticked and no others", async () => {
    const view = tree();
    await findLeftoversForTree(parts(true), view, undefined);
    view.picked = ["scaletest-aaaaaaaa-0", "scaletest-bbbbbbbb-1"];
    expect(await askForTicked(parts(true), view)).toMatchObject({
      steps: [
        {
          workload: "cleanup",
          config: {
            owners: ["scaletest-aaaaaaaa-0", "scaletest-bbbbbbbb-1"],
            only: {
              workspaces: ["w-scaletest-aaaaaaaa-0", "w-scaletest-bbbbbbbb-1"],
              users: ["u-scaletest-aaaaaaaa-0", "u-scaletest-bbbbbbbb-1"],
            },
          },
        },
      ],
      target: { url },
    });
    expect(await askForTicked(parts(false), view)).toBeUndefined();
  });

  it("does nothing where nothing is ticked, and says so", async () => {
    expect(await askForTicked(parts(true), tree())).toBeUndefined();
    expect(said.at(-1)).toMatch(/Select the leftovers to delete/);
  });
});
