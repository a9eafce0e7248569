import type { Phase } from "../../protocol/snapshot.ts";

/** Colours in the style sheet: `--phase-0` and so on. */
const COLOURS = 10;

/** A claimed prebuild goes through phases of its own name: this is the one that it stands for. */
export function realPhase(name: string): string {
  return name.replace(/^prebuilt_/, "");
}

/** The same colour in bars, numbers and waterfall, by a phase's place among those of the run. */
export class PhaseColours {
  readonly #places: ReadonlyMap<string, number>;

  constructor(phases: readonly { name: string }[]) {
    const names = new Set(phases.map(({ name }) => realPhase(name)));
    this.#places = new Map([...names].map((name, place) => [name, place % COLOURS]));
  }

  /** Name of a CSS variable; phases that the run does not list share the last colour. */
  variable(name: string): string {
    return `--phase-${this.#places.get(realPhase(name)) ?? COLOURS - 1}`;
  }
}

export interface Bar {
  /** Of all phases together, in milliseconds. */
  total: number;
  parts: { name: string; label: string; ms: number; share: number }[];
}

/**
 * What the phases take in the mean, of those that have gone through them. Means add up; percentiles do not: no
 * workspace is the slowest in every phase. Empty for runs of versions that kept no means.
 */
export function phaseBars(phases: readonly Phase[]): Bar[] {
  if (phases.some(({ mean }) => mean === undefined)) return [];
  // Those of claimed prebuilds and of creations together are all: each has its share.
  const ofKind = new Map<string, number>();
  for (const { name, count } of phases)
    ofKind.set(realPhase(name), (ofKind.get(realPhase(name)) ?? 0) + count);
  const parts = phases.map(({ name, label, mean = 0, count }) => ({
    name,
    label,
    ms: (mean * count) / Math.max(1, ofKind.get(realPhase(name)) ?? 0),
  }));
  const total = parts.reduce((sum, { ms }) => sum + ms, 0);
  return [{ total, parts: parts.map((part) => ({ ...part, share: total > 0 ? part.ms / total : 0 })) }];
}
