// Packs the command line as a package of its own, which `npm install -g` takes: what is built, and nothing to build.
// `node scripts/pack-cli.mjs [folder]`: where the package goes; by default, here. Prints its path.
import { execFileSync } from "node:child_process";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { NOTICES } from "./notices.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Of what is built: the processes, and what a report is made of. Nothing of the editor. */
const FILES = [
  ...["cli.js", "worker.js", "runner.js", "shard.js", "sandbox-coder.js", "processes/*.mjs"],
  ...["report.js", "report.css", NOTICES],
].map((file) => `dist/${file}`);
const OTHERS = ["examples/*.scaletest.yaml", "schemas/*.json", "README.md", "CHANGELOG.md", "LICENSE"];

/** What the package says of itself; the rest of the extension's manifest is the editor's. */
function manifest() {
  const { name, version, license, repository, keywords, engines, bin, ...own } = JSON.parse(
    readFileSync(path.join(root, "package.json"), "utf8"),
  );
  const texts = JSON.parse(readFileSync(path.join(root, "package.nls.json"), "utf8"));
  const description = own.description.replace(/^%(.*)%$/, (_, key) => texts[key]);
  return { name, version, description, license, repository, keywords, bin, engines: { node: engines.node } };
}

/** Resolves with the path of the package in `to`. */
export function packCommandLine(to) {
  const folder = mkdtempSync(path.join(tmpdir(), "scaletest-cli-"));
  try {
    for (const file of globSync([...FILES, ...OTHERS], { cwd: root }))
      cpSync(path.join(root, file), path.join(folder, file));
    writeFileSync(path.join(folder, "package.json"), `${JSON.stringify(manifest(), undefined, 2)}\n`);
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    const said = execFileSync(npm, ["pack", "--json", "--pack-destination", to], {
      cwd: folder,
      encoding: "utf8",
      shell: process.platform === "win32",
    });
    // Newer versions have an object by name, older ones a list.
    const [{ filename }] = Object.values(JSON.parse(said));
    return path.join(to, filename);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(packCommandLine(path.resolve(process.argv[2] ?? ".")));
