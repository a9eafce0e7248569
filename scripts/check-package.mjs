// Packs the extension and the command line from what is built, and fails where one is larger than somebody should have
// to fetch, where a file that the manifest names is not in it, or where what begins reads what few use.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { NOTICES, problemsOfNotices } from "./notices.mjs";
import { packCommandLine } from "./pack-cli.mjs";
import { METAFILE, problemsOfParts } from "./parts.mjs";

const MOST_BYTES = 2_500_000;
const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), "scaletest-package-"));
try {
  const file = path.join(folder, "coder-scaletest.vsix");
  const vsce = path.join(root, "node_modules", "@vscode", "vsce", "vsce");
  execFileSync(process.execPath, [vsce, "package", "--no-dependencies", "-o", file], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  weigh("the extension's package", file);
  weigh("the command line's package", packCommandLine(folder));
  const packed = execFileSync(process.execPath, [vsce, "ls", "--no-dependencies"], {
    cwd: root,
    encoding: "utf8",
  });
  const missing = filesNamed().filter((name) => !packed.split("\n").includes(name));
  const problems = [
    ...missing.map((name) => `${name} is not in the package`),
    ...problemsOfNotices(readFileSync(path.join(root, "dist", NOTICES), "utf8")),
    ...problemsOfParts(JSON.parse(readFileSync(path.join(root, "dist", METAFILE), "utf8"))),
  ];
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function weigh(what, file) {
  const { size } = statSync(file);
  console.log(`${what}: ${(size / 1e6).toFixed(2)} MB of ${MOST_BYTES / 1e6} MB`);
  if (size > MOST_BYTES) process.exitCode = 1;
}

/** What the manifest says of files of ours (`./schemas/x.json`, `media/x.svg`), presets of scenarios, licences of others. */
function filesNamed() {
  const { main, icon, contributes } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const texts = [
    ...JSON.stringify([main, icon, contributes]).matchAll(/"(?:\.\/)?((?:dist|media|schemas)\/[\w./-]+)"/g),
  ];
  const presets = readdirSync(path.join(root, "examples"))
    .filter((name) => name.endsWith(".scaletest.yaml"))
    .map((name) => `examples/${name}`);
  return [...new Set(texts.map(([, name]) => name)), ...presets, `dist/${NOTICES}`];
}
