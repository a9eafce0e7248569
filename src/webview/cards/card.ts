import type { Tone } from "../model/states.ts";

/** One of the large numbers, as it is drawn. */
export interface ShownCard {
  id: string;
  label: string;
  value: string;
  /** Beside the value, smaller. */
  unit: string;
  /** Below it. */
  detail: string;
  tone: Tone;
  detailTone: Tone;
  /** More about the value, where it is pointed at. */
  hint?: string;
}

export const plain = { unit: "", detail: "", tone: "neutral", detailTone: "neutral" } as const;
