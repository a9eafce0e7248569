import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fingerprint } from "../../../src/insight/fingerprint.ts";

describe("the fingerprint of a statement", () => {
  it.each([
    ["-- name: GetWorkspaceByID :one\nSELECT * FROM workspaces WHERE id = $1", "GetWorkspaceByID"],
    ["SELECT  a,\n b FROM t WHERE c = 'x' AND d = 17 -- why", "SELECT a, b FROM t WHERE c = ? AND d = ?"],
    ["SELECT * FROM t WHERE a IN ($1, $2,$3) /* x */", "SELECT * FROM t WHERE a IN (?)"],
    ["SELECT 'it''s', E'a\\'b', $$c$$, $x$d$$e$x$, 1.5e3, -7 FROM t1", "SELECT ?, ?, ?, ?, ?, ? FROM t1"],
    ['UPDATE "a b" SET c = NULL', 'UPDATE "a b" SET c = NULL'],
    ["SELECT 'a text that was cut off in the mid", "SELECT ?"],
    ["ALTER ROLE coder PASSWORD 'hunter2'", "ALTER ROLE"],
    ["SET secret = hunter2", "SET secret"],
  ])("of %j is %j", (statement, expected) => {
    expect(fingerprint(statement)).toBe(expected);
  });

  it("has nothing of any literal, and is short", () => {
    const secret = fc.stringMatching(/^hunter[0-9a-z';\\$ -]{2,40}$/);
    fc.assert(
      fc.property(
        secret,
        fc.array(fc.constantFrom("a = ", ", ", "(", ")", "\n", "--x\n", '"n"')),
        (text, noise) => {
          const quoted = `'${text.replaceAll("'", "''")}'`;
          const found = fingerprint(`SELECT b FROM t WHERE ${noise.join(" ")} ${quoted} AND c`);
          expect(found).not.toContain("hunter");
          expect(found.length).toBeLessThanOrEqual(120);
        },
      ),
    );
    expect(fingerprint(`SELECT ${"a, ".repeat(1_000)}b`)).toHaveLength(120);
  });
});
