import assert from "node:assert/strict";
import { Session } from "node:inspector";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { extensions } from "vscode";
import { activated, EXTENSION, run, silenceMessages } from "./support.ts";

/** Longer than the window waits before it looks whether there is something to show. */
const LOOKED_MS = 3_000;

/** Files of the extension that this extension host has loaded. */
async function loadedFiles(): Promise<string[]> {
  const dist = path.join(extensions.getExtension(EXTENSION)?.extensionPath ?? "", "dist", path.sep);
  const session = new Session();
  session.connect();
  const files: string[] = [];
  session.on("Debugger.scriptParsed", ({ params }) => files.push(params.url.replace(/^file:\/\//, "")));
  await new Promise<void>((resolve, reject) =>
    session.post("Debugger.enable", (error) => (error ? reject(error) : resolve())),
  );
  session.disconnect();
  return files.filter((file) => file.startsWith(dist)).map((file) => path.relative(dist, file));
}

/** The first file of the tests: nobody has used the extension before. */
describe("a window in which nobody has used the extension", () => {
  it("has loaded nothing but what VS Code has to find, also a while after its start", async () => {
    await activated();
    await delay(LOOKED_MS);
    assert.deepEqual(await loadedFiles(), ["extension.js"]);
  });

  it("loads the rest for the first command, which does what it is for", async () => {
    const messages = silenceMessages();
    const began = performance.now();
    await run("scaletest.refreshHistory");
    console.log(`the first command took ${Math.round(performance.now() - began)} ms`);
    assert.ok((await loadedFiles()).includes(path.join("editor", "index.mjs")));
    await run("scaletest.openReport");
    assert.deepEqual(messages, ["No run has ended yet"]);
  });
});
