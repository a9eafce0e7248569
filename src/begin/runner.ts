import { orUnreadable } from "./unreadable.ts";

/** dist/runner.js: begun by src/runner/client, which reads its standard output. */
orUnreadable(
  import("../processes.ts").then(({ runner }) => runner()),
  process.stdout,
  "",
);
