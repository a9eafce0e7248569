// `npm run start:sandbox`: starts a sandbox of what is built, and writes what a window that is started beside it signs in with
// (F5). Says "ready" when all of it is there; ends with Ctrl-C.
import { mkdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { writeQuickstart } from "./host/demo.ts";
import { startSandbox } from "./host/sandbox.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
console.log("starting a sandbox");
const folder = path.join(root, ".vscode-test", "f5");
mkdirSync(folder, { recursive: true });
const sandbox = await startSandbox(root);
writeQuickstart(folder, sandbox);
console.log(`ready: ${sandbox.url}, signed in with ${sandbox.token}`);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.once(signal, () => {
    sandbox.stop();
    process.exit(0);
  });
