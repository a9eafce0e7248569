import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "./harness.ts";
import { THEMES } from "./themes.ts";

const FOLDER = path.resolve("media/walkthrough");
/** As wide as the editor shows them beside the steps; the font is among the widest that windows have. */
const WIDTH = 460;
const FONT = "DejaVu Sans, Verdana, sans-serif";
const pictures = readdirSync(FOLDER).filter((name) => name.endsWith(".svg"));

describe("the pictures of the walkthrough", () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: WIDTH, height: 400 } });
  });
  afterAll(() => browser.close());

  it.each(pictures)("have their words inside the frame, and none over another: %s", async (name) => {
    await page.setContent(`<body style="margin:0">${readFileSync(path.join(FOLDER, name), "utf8")}</body>`);
    const faults = await page.evaluate(faultsOfPlace, FONT);
    expect(faults).toEqual([]);
  });

  it.each(THEMES.flatMap((theme) => pictures.map((name) => ({ name, theme }))))(
    "are drawn in colours that stand out: $name, $theme.name",
    async ({ name, theme }) => {
      await page.setContent(`<body>${readFileSync(path.join(FOLDER, name), "utf8")}</body>`);
      // What a theme of high contrast does not have, it does not have here.
      expect(await page.evaluate(faintShapes, theme.variables)).toEqual([]);
    },
  );
});

/** In the page: words that leave the frame, and pairs of words, or of a word and a drawn line's mark, that overlap. */
function faultsOfPlace(font: string): string[] {
  const svg = document.querySelector("svg");
  svg?.setAttribute("font-family", font);
  const frame = svg?.querySelector("rect")?.getBoundingClientRect();
  if (!frame) return ["there is no frame"];
  const texts = [...document.querySelectorAll("text")].map((text) => ({
    said: text.textContent ?? "",
    box: text.getBoundingClientRect(),
  }));
  const marks = [...document.querySelectorAll("path")]
    .map((mark) => ({ said: "a mark", box: mark.getBoundingClientRect() }))
    .filter(({ box }) => box.width < 30 && box.height < 40);
  const overlaps = (one: DOMRect, other: DOMRect) =>
    Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1 &&
    Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 4;
  return texts.flatMap(({ said, box }, index) => [
    ...(box.left < frame.left + 6 || box.right > frame.right - 6 ? [`${said} leaves the frame`] : []),
    ...[...texts.slice(index + 1), ...marks]
      .filter((other) => overlaps(box, other.box))
      .map((other) => `${said} is over ${other.said}`),
  ]);
}

/** In the page: shapes and words whose colour has a contrast below 3 with the picture's own ground. */
function faintShapes(variables: Record<string, string>): string[] {
  for (const [name, value] of Object.entries(variables))
    document.documentElement.style.setProperty(`--vscode-${name}`, value);
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  if (!canvas) return ["there is no canvas"];
  /** As it is seen over the ground: a colour may be half transparent. */
  const seen = (colour: string): number => {
    for (const fill of [variables["editor-background"] ?? "", colour]) {
      canvas.fillStyle = fill;
      canvas.fillRect(0, 0, 1, 1);
    }
    const [red = 0, green = 0, blue = 0] = [...canvas.getImageData(0, 0, 1, 1).data].map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const shapes = [...document.querySelectorAll("text, rect[rx='2'], polyline")];
  return shapes.flatMap((shape) => {
    const { fill, stroke } = getComputedStyle(shape);
    const onSelection = shape.getAttribute("fill")?.includes("activeSelection") ?? false;
    const selection = onSelection ? document.querySelector("rect[rx='3']") : null;
    const ground = seen(selection ? getComputedStyle(selection).fill : "transparent");
    const light = seen(fill === "none" ? stroke : fill);
    const contrast = (Math.max(light, ground) + 0.05) / (Math.min(light, ground) + 0.05);
    return contrast < 3 ? [`${shape.outerHTML} ${contrast.toFixed(1)}`] : [];
  });
}
