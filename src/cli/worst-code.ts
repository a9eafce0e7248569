import { EXIT } from "../protocol/exit-codes.ts";

/** Of several runs, the exit code is the first of these that one has come to. */
export const WORST_FIRST: readonly number[] = [
  EXIT.interrupted,
  EXIT.usage,
  EXIT.refused,
  EXIT.someFailed,
  EXIT.invalid,
  EXIT.threshold,
  EXIT.passed,
];

export function worstOf(codes: readonly number[]): number {
  return WORST_FIRST.find((code) => codes.includes(code)) ?? EXIT.someFailed;
}
