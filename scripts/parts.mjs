/** Where esbuild's account of what is in dist is kept. It is not given out. */
export const METAFILE = "metafile.json";

/** Parts that few use, by their files: each is read where it is used, from files that hold nothing else. */
const OPTIONAL = {
  Kubernetes: /^src\/insight\/kubernetes\//,
  PostgreSQL: /^src\/insight\/postgres-|\bnode_modules\/pg(-|\/)/,
  // Its API is of the library of Prometheus figures, too.
  OTLP: /^src\/(telemetry\/|engine\/run-telemetry)|\bnode_modules\/@opentelemetry\/(?!api\/)/,
  // What its flags are called, help says.
  sandbox: /^src\/sandbox\/(?!(faults\/settings|model\/options)\.ts$)/,
};

/** What begins with the editor and with each process beside it, and the most bytes that may be read for it. */
const BEGINNINGS = {
  // The window waits for it.
  "src/extension.ts": 60_000,
  "src/vscode/wiring.ts": 500_000,
  // It stays for as long as a run goes on.
  "src/begin/cli.ts": 100_000,
  "src/processes.ts": 50_000,
  "src/cli/main.ts": 2_000_000,
  "src/cli/worker/main.ts": 150_000,
  "src/cli/results.ts": 1_000_000,
  "src/runner/main.ts": 2_000_000,
  "src/load/thread-entry.ts": 500_000,
};

/**
 * What is wrong with how the bundles are split, a sentence each: what begins a process is too large, or reads what few
 * use.
 *
 * @param {{outputs: Record<string, object>}} metafile of all that is built, as esbuild writes it
 */
export function problemsOfParts({ outputs }, { optional = OPTIONAL, beginnings = BEGINNINGS } = {}) {
  const begun = Object.entries(beginnings).map(([entry, most]) => ({
    ...{ entry, most },
    files: filesReadFor(outputs, entry),
  }));
  return [
    ...begun.flatMap((one) => problemsOfBeginning(one, outputs, optional)),
    ...Object.entries(optional)
      .filter(([, files]) => !Object.values(outputs).some((output) => sourcesIn(output, files).length > 0))
      .map(([part]) => `nothing of ${part} is in what is built: are its files called otherwise now?`),
  ];
}

function problemsOfBeginning({ entry, most, files }, outputs, optional) {
  if (files.length === 0) return [`${entry} begins nothing of what is built`];
  const bytes = bytesOf(outputs, files);
  const parts = Object.entries(optional)
    .map(([part, of]) => [part, files.flatMap((file) => sourcesIn(outputs[file], of))])
    .filter(([, found]) => found.length > 0);
  return [
    ...(bytes > most ? [`${entry} reads ${bytes} bytes when it begins; ${most} are allowed`] : []),
    ...parts.map(([part, found]) => `${entry} reads ${part} when it begins: ${found.join(", ")}`),
  ];
}

/** Files that are read when an entry point is: itself, and what is imported from there at once. None where it is none. */
export function filesReadFor(outputs, entry) {
  const first = Object.keys(outputs).find((file) => outputs[file].entryPoint === entry);
  const read = new Set(first === undefined ? [] : [first]);
  for (const file of read)
    for (const { path, kind } of outputs[file].imports)
      if (kind === "import-statement" && path in outputs) read.add(path);
  return [...read];
}

export function bytesOf(outputs, files) {
  return files.reduce((sum, file) => sum + outputs[file].bytes, 0);
}

function sourcesIn({ inputs }, files) {
  return Object.keys(inputs).filter((file) => files.test(file) && inputs[file].bytesInOutput > 0);
}
