/** Exit codes of the command line, for good: a threshold that is broken has a code of its own. */
export const EXIT = {
  passed: 0,
  someFailed: 1,
  usage: 2,
  refused: 3,
  invalid: 4,
  threshold: 99,
  interrupted: 130,
} as const;
