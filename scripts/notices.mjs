import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import satisfies from "spdx-satisfies";

/** Where what is built has the licences of others. */
export const NOTICES = "THIRD-PARTY-NOTICES.txt";

/** Licences under which others' code may be in what we give out. */
const ALLOWED = [
  "MIT",
  "ISC",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "Apache-2.0",
  "0BSD",
  "BlueOak-1.0.0",
  "Unlicense",
  "CC0-1.0",
];

/** `## name version (licence)`: what the package check reads. */
const HEADING = /^## (\S+) (\S+) \((.+)\)$/gm;

/**
 * The packages of which something is in the files that esbuild has written, by its metafiles.
 *
 * @returns {{name: string, version: string, license: string, text: string}[]}
 */
export function bundledPackages(root, metafiles) {
  const folders = new Set();
  for (const { outputs } of metafiles)
    for (const { inputs } of Object.values(outputs))
      for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
        const folder = bytesInOutput > 0 ? packageFolder(file) : undefined;
        if (folder) folders.add(folder);
      }
  const packages = [...folders].map((folder) => described(path.join(root, folder)));
  const byName = new Map(packages.map((one) => [`${one.name} ${one.version}`, one]));
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** "node_modules/a/node_modules/@b/c" of "node_modules/a/node_modules/@b/c/d/e.js" */
function packageFolder(file) {
  return /^(?:[^:]*:)?(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
}

function described(folder) {
  const manifest = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
  const { name, version, author, repository } = manifest;
  // Older packages have a list.
  const license = manifest.license ?? manifest.licenses?.map(({ type }) => type).join(" OR ");
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    .map((file) => readFileSync(path.join(folder, file), "utf8").trim());
  // Some have it in their manifest alone.
  const origin = ["Author", author?.name ?? author, "from", repository?.url ?? repository].join(" ");
  return { name, version, license: String(license), text: texts.join("\n\n") || origin };
}

export function noticesOf(packages) {
  const parts = packages.map(
    ({ name, version, license, text }) =>
      `## ${name} ${version} (${license})\n\n${text.replaceAll(/\r\n?/g, "\n")}\n`,
  );
  const head = "Scale Test for Coder has in it code of these packages, each under its own licence.\n";
  return [head, ...parts].join("\n");
}

/** What is wrong with a file of notices, in lines; none: nothing. */
export function problemsOfNotices(notices) {
  const packages = [...notices.matchAll(HEADING)];
  if (packages.length === 0) return [`${NOTICES} names no package`];
  return packages
    .filter(([, , , license]) => !isAllowed(license))
    .map(
      ([, name, version, license]) =>
        `${name} ${version} has the licence ${license}, which is not on the list of those allowed`,
    );
}

function isAllowed(license) {
  try {
    return satisfies(license, ALLOWED);
  } catch {
    // No SPDX expression: "SEE LICENSE IN …".
    return false;
  }
}
