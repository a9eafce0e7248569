import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { afterEach, expect, it } from "vitest";
import { problemsOfParts } from "../../scripts/parts.mjs";

const folder = mkdtempSync(path.join(tmpdir(), "scaletest-parts-"));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Of a program that begins with `main`, and has a part that few use. */
async function problems(main: string, most = 500) {
  mkdirSync(folder, { recursive: true });
  const files = { "main.ts": main, "rare.ts": "console.log('rare')", "all.ts": "console.log('all')" };
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  const { metafile } = await build({
    absWorkingDir: folder,
    ...{ entryPoints: ["main.ts"], outdir: "out", bundle: true, splitting: true, format: "esm" },
    ...{ platform: "node", metafile: true, write: false, logLevel: "silent" },
  });
  return problemsOfParts(metafile, { optional: { rare: /^rare/ }, beginnings: { "main.ts": most } });
}

it("lets a part be read where it is used, and not when a process begins", async () => {
  expect(await problems(`import "./all.ts"; void import("./rare.ts");`)).toEqual([]);
  expect(await problems(`import "./all.ts"; import "./rare.ts";`)).toEqual([
    "main.ts reads rare when it begins: rare.ts",
  ]);
});

it("finds it behind another file, too", async () => {
  expect(await problems(`export const later = () => import("./all.ts"); import "./rare.ts";`)).toHaveLength(
    1,
  );
});

it("fails where something has grown, or is not found any more", async () => {
  expect(await problems(`import "./all.ts"; void import("./rare.ts");`, 50)).toEqual([
    expect.stringMatching(/^main\.ts reads \d+ bytes when it begins; 50 are allowed$/),
  ]);
  expect(await problems(`import "./all.ts";`)).toEqual([expect.stringMatching(/^nothing of rare is in/)]);
});
