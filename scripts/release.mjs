// `npm run release -- 0.2.0`: checks the changelog, sets the version, tags it, packs all that is given out, and prints
// what a maintainer would publish. It publishes nothing, and pushes nothing.
// `npm run release:check -- v0.2.0`: whether a tag is what the manifest and the changelog say; writes release-notes.md.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { packCommandLine } from "./pack-cli.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const run = (command, ...args) =>
  execFileSync(command, args, { cwd: root, encoding: "utf8", shell: process.platform === "win32" }).trim();

/** What the changelog says of a version; undefined where it says nothing. */
function notesOf(version) {
  const changelog = readFileSync(path.join(root, "CHANGELOG.md"), "utf8");
  const sections = changelog.split(/^## /m).slice(1);
  const [, ...lines] = sections.find((one) => one.split(/\s/, 1)[0] === version)?.split("\n") ?? [];
  return lines.join("\n").trim() || undefined;
}

function versionNow() {
  return JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")).version;
}

function refuse(line) {
  console.error(line);
  process.exit(2);
}

function check(tag) {
  const version = versionNow();
  if (tag !== `v${version}`) refuse(`the tag ${tag} is not of version ${version}, which package.json has`);
  writeFileSync(path.join(root, "release-notes.md"), `${notes(version)}\n`);
}

function notes(version) {
  return notesOf(version) ?? refuse(`CHANGELOG.md has no section "## ${version}": write what users notice`);
}

function release(version) {
  if (!/^\d+\.\d+\.\d+$/.test(version ?? "")) refuse("say which version: npm run release -- 0.2.0");
  notes(version);
  if (run("git", "status", "--porcelain"))
    refuse("there are changes that are not committed: commit them first");
  if (run("git", "tag", "--list", `v${version}`)) refuse(`there is a tag v${version} already`);
  if (version !== versionNow()) {
    run("npm", "version", version, "--no-git-tag-version");
    run("git", "commit", "--all", "--message", `Release ${version}`);
  }
  run(process.execPath, "esbuild.mjs");
  run(process.execPath, "scripts/check-package.mjs");
  const extension = path.join(root, "coder-scaletest.vsix");
  run("vsce", "package", "--no-dependencies", "-o", extension);
  const commandLine = packCommandLine(root);
  run("git", "tag", "--annotate", `v${version}`, "--message", `Version ${version}`);
  console.log(toPublish(version, { extension, commandLine, image: buildImage(version) }));
}

/** The name of the image; undefined where nothing here can build one. */
function buildImage(version) {
  const name = `coder-scaletest:${version}`;
  for (const builder of ["docker", "podman"])
    try {
      run(builder, "build", "--tag", name, ".");
      return name;
    } catch {
      // The next one, if there is one.
    }
  return undefined;
}

function toPublish(version, { extension, commandLine, image }) {
  const files = [extension, commandLine].map((file) => path.relative(root, file));
  return [
    `Version ${version} is tagged and packed. To publish it (docs/releasing.md says with which accounts):`,
    `  git push origin main v${version}`,
    `  vsce publish --packagePath ${files[0]}`,
    `  ovsx publish ${files[0]}`,
    `  npm publish ${files[1]}`,
    image
      ? `  docker push REGISTRY/${image}`
      : "  (no container image was built: neither docker nor podman can build here)",
    `To take it back: git tag --delete v${version}`,
  ].join("\n");
}

const [first, second] = process.argv.slice(2);
if (first === "--check") check(second);
else release(first);
