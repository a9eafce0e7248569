import type { Tone } from "./states.ts";

/** One of the large numbers. */
export interface Figure {
  id: string;
  label: string;
  value: string;
  unit: string;
  detail: string;
  tone: Tone;
  detailTone: Tone;
}

export const plain = { unit: "", tone: "neutral", detailTone: "neutral" } as const;
