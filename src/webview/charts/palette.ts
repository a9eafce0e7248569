import type { Colour } from "../../protocol/description.ts";

/** Colours of the current theme, in a form that a canvas takes. */
export interface Palette {
  line: string;
  text: string;
  font: string;
  background: string;
  of(variable: string): string;
}

/** Reads the theme's colours as they are now. A canvas knows no `var()`, so each is resolved by a probe. */
export function readPalette(host: HTMLElement): Palette {
  const probe = document.createElement("span");
  host.append(probe);
  const resolve = (value: string) => {
    probe.style.color = value;
    return getComputedStyle(probe).color;
  };
  const known = new Map<string, string>();
  const style = getComputedStyle(document.body);
  const names = [...VARIABLES, "--line-soft", "--dim", "--background"];
  for (const name of names) known.set(name, resolve(`var(${name})`));
  probe.remove();
  return {
    line: known.get("--line-soft") ?? "",
    text: known.get("--dim") ?? "",
    font: `11px ${style.fontFamily}`,
    background: known.get("--background") ?? "",
    of: (variable) => known.get(variable) ?? "",
  };
}

const COLOURS: Record<Colour, true> = {
  blue: true,
  green: true,
  grey: true,
  orange: true,
  purple: true,
  red: true,
  yellow: true,
  pale: true,
  dim: true,
};
const VARIABLES = [
  ...Object.keys(COLOURS).flatMap((colour) => [`--colour-${colour}`, `--area-${colour}`]),
  ...Array.from({ length: 10 }, (_, place) => `--phase-${place}`),
  "--foreground",
  "--selected",
  "--chosen-edge",
];

/** Calls back whenever the editor's theme changes. */
export function onThemeChange(changed: () => void): void {
  const observer = new MutationObserver(changed);
  observer.observe(document.body, { attributes: true, attributeFilter: ["class", "data-vscode-theme-kind"] });
  // In a report, the reader's own setting is the theme.
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["style", "class"] });
}
