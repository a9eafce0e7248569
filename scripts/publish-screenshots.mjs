// Puts the best of the pictures that scripts/screenshots.mjs has taken where the README shows them.
import { copyFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const README = {
  "creation-dark": "run-dark.png",
  "creation-light-failed": "workspaces-light.png",
  "traffic-dark": "traffic-dark.png",
};

for (const [from, to] of Object.entries(README))
  copyFileSync(
    path.join(root, ".vscode-test", "screenshots", `${from}.png`),
    path.join(root, "media", "screenshots", to),
  );
