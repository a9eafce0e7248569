import { describe, expect, it } from "vitest";
import { userSchema, workspaceSchema } from "../../src/coder/schemas.ts";
import { cleanupSchema } from "../../src/workloads/cleanup/config.ts";
import { confirmedOf, idsOf, type Leftover, namedRuns } from "../../src/workloads/leftovers.ts";

function leftover(owner: string, ...workspaces: string[]): Leftover {
  const job = { id: "j", status: "succeeded", created_at: "2026-01-01T00:00:00Z" };
  const latest_build = { id: "b", build_number: 1, transition: "start", status: "running", job };
  return {
    owner,
    user: userSchema.parse({ id: `u-${owner}`, username: owner }),
    workspaces: workspaces.map((name) =>
      workspaceSchema.parse({
        id: `w-${name}`,
        name,
        owner_id: `u-${owner}`,
        owner_name: owner,
        created_at: "2026-01-01T00:00:00Z",
        latest_build,
      }),
    ),
  };
}

describe("a list that was confirmed", () => {
  const shown = [leftover("a", "a"), leftover("b", "b")];

  it("is what goes, as far as it is still there", () => {
    const { leftovers, fresh } = confirmedOf([leftover("b", "b")], idsOf(shown));
    expect(leftovers.map(({ owner }) => owner)).toEqual(["b"]);
    expect(fresh).toEqual({ users: 0, workspaces: 0 });
  });

  it("does not let go what has come since, nor a user that a new workspace belongs to", () => {
    const { leftovers, fresh } = confirmedOf(
      [leftover("a", "a", "new"), leftover("b", "b"), leftover("c", "c")],
      idsOf(shown),
    );
    const going = leftovers.map(({ owner, user, workspaces }) => [
      owner,
      user?.id,
      workspaces.map((w) => w.id),
    ]);
    expect(going).toEqual([
      ["a", undefined, ["w-a"]],
      ["b", "u-b", ["w-b"]],
    ]);
    expect(fresh).toEqual({ users: 1, workspaces: 2 });
  });

  it("may be long", () => {
    const many = Array.from({ length: 5_000 }, (_, at) => leftover(`o${at}`, `o${at}`));
    const { only } = cleanupSchema.parse({ only: idsOf(many) });
    if (!only) throw new Error("no list");
    expect(confirmedOf([...many, leftover("late", "late")], only)).toMatchObject({
      leftovers: { length: 5_000 },
      fresh: { users: 1, workspaces: 1 },
    });
  });

  it("names the runs it is of, by the names of what they made", () => {
    expect(
      namedRuns(["scaletest-aaaaaaaa-0", "scaletest-aaaaaaaa-1", "scaletest-7", "scaletest-bbbbbbbb-3"]),
    ).toEqual(["aaaaaaaa", "bbbbbbbb"]);
  });
});
