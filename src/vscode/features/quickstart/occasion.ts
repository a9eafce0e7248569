import { existsSync } from "node:fs";
import { Disposable } from "vscode";
import type { Occasion } from "../../front/occasion.ts";
import { quickstartFile } from "./quickstart-file.ts";

/** `npm start` or F5 has opened this window. */
export const quickstartOccasion: Occasion = (_, due) => {
  const file = quickstartFile();
  if (file && existsSync(file)) due();
  return new Disposable(() => undefined);
};
