const WIDE = { width: 1600, height: 1000 };
const NARROW = [
  { width: 1100, height: 800 },
  { width: 800, height: 600 },
];

/** Takes a picture in each width below the widest; the name ends with the width. The window stays as narrow as the last. */
export async function shootNarrow(page, shoot, name = "") {
  for (const size of NARROW) await shootIn(size, page, shoot, name);
}

/** Takes a picture in each width, and leaves the window at the widest. */
export async function shootInSizes(page, shoot, name) {
  await shootIn(WIDE, page, shoot, name);
  await shootNarrow(page, shoot, name);
  await widen(page);
}

export async function widen(page) {
  await page.setViewportSize(WIDE);
}

async function shootIn(size, page, shoot, name) {
  await page.setViewportSize(size);
  await page.waitForTimeout(1_500);
  await shoot(`${name}-${size.width}`);
}
