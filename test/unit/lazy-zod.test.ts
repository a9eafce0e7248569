import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";
import * as z from "zod";
import { lazyZod } from "../../scripts/lazy-zod.mjs";
import { newsSchema } from "../../src/protocol/messages.ts";
import { snapshotSchema } from "../../src/protocol/snapshot.ts";
import { runFileSchema } from "../../src/runs/run-file.ts";

const folder = mkdtempSync(path.join(tmpdir(), "scaletest-lazy-"));
let lazy: Record<string, z.ZodType>;
beforeAll(async () => {
  const outfile = path.join(folder, "schemas.mjs");
  await build({
    stdin: {
      contents: `
        export { newsSchema } from "./src/protocol/messages.ts";
        export { snapshotSchema } from "./src/protocol/snapshot.ts";
        export { runFileSchema } from "./src/runs/run-file.ts";
        import * as z from "zod";
        const base = z.object({ a: z.number().min(1), b: z.enum(["x", "y"]).optional() });
        export const small = base.extend({ c: base.shape.a.optional(), d: z.array(z.lazy(() => base)).default([]) });
        export const kind = base.shape.b;
        export const isNumber = z.number() instanceof z.ZodNumber;`,
      resolveDir: ".",
    },
    ...{ outfile, bundle: true, platform: "node", format: "esm", plugins: [lazyZod], logLevel: "error" },
  });
  lazy = await import(pathToFileURL(outfile).href);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("schemas that are made late are the same schemas", () => {
  const all = { newsSchema, snapshotSchema, runFileSchema };
  for (const [name, schema] of Object.entries(all))
    expect(z.toJSONSchema(lazy[name] as z.ZodType, { io: "input", unrepresentable: "any" }), name).toEqual(
      z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }),
    );
});

it("check as they would, with what is made of others, of themselves and of their parts", () => {
  const { small, kind } = lazy;
  expect(small?.parse({ a: 1, b: "x", c: 2, d: [{ a: 3 }] })).toEqual({ a: 1, b: "x", c: 2, d: [{ a: 3 }] });
  expect(small?.parse({ a: 1 })).toEqual({ a: 1, d: [] });
  expect(small?.safeParse({ a: 0 }).error?.issues).toMatchObject([{ path: ["a"], code: "too_small" }]);
  expect(small?.safeParse({ a: 1, d: [{ a: 0 }] }).error?.issues).toMatchObject([{ path: ["d", 0, "a"] }]);
  expect(kind?.safeParse("z").success).toBe(false);
  expect(lazy.isNumber).toBe(true);
});
