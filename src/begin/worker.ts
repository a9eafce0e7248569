import { orUnreadable } from "./unreadable.ts";

/** dist/worker.js: begun by dist/cli.js, never by a person. */
orUnreadable(
  import("../processes.ts").then(({ worker }) => worker()),
  process.stderr,
  "coder-scaletest: ",
);
