// Puts the best of the pictures that scripts/screenshots.mjs has taken where the README and the walkthrough
// show them: these smaller, as JPEG.
import { copyFileSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { CHROMIUM_ARGS, chromiumPath } from "./host/chromium.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const taken = (name) => path.join(root, ".vscode-test", "screenshots", `${name}.png`);
const media = (name) => path.join(root, "media", name);
const README = {
  "creation-dark": "screenshots/run-dark.png",
  "creation-light-failed": "screenshots/workspaces-light.png",
  "traffic-dark": "screenshots/traffic-dark.png",
};
const WALKTHROUGH = {
  "creation-dark": { file: "walkthrough/run.jpg", width: 960, height: 600 },
  "creation-light-failed": { file: "walkthrough/workspaces.jpg", width: 960, height: 600 },
  // As they are: their texts are to be read.
  "views-light-create-confirm": { file: "walkthrough/confirm.jpg" },
  "views-light-traffic-confirm": { file: "walkthrough/traffic.jpg" },
};

for (const [from, to] of Object.entries(README)) copyFileSync(taken(from), media(to));
const browser = await chromium.launch({ executablePath: chromiumPath(), args: CHROMIUM_ARGS });
const page = await browser.newPage({ viewport: { width: 960, height: 600 } });
for (const [from, { file, width, height }] of Object.entries(WALKTHROUGH)) {
  const data = readFileSync(taken(from)).toString("base64");
  const size = width ? ` width="${width}" height="${height}"` : "";
  await page.setContent(`<body style="margin:0"><img${size} src="data:image/png;base64,${data}">`);
  await page.locator("img").screenshot({ path: media(file), type: "jpeg", quality: 82 });
}
await browser.close();
