/** Windows after each other: at least so many, of so many seconds together. */
export interface Stretch {
  windows: number;
  seconds: number;
}

/** How long a search looks at things. All of it is in seconds and windows, none in levels. */
export interface Pace {
  /** A window is at least so many valid seconds long, and longer where it holds too few observations. */
  windowS: number;
  /** And at most so long. */
  longestWindowS: number;
  /** A level is judged by so much at least, */
  least: Stretch;
  /** and by what most of its windows say after so much. */
  most: Stretch;
  /** A level that is far past a limit for so long needs no more than that. */
  persists: Stretch;
  /** So long at the baseline, and the target has recovered. */
  recovered: Stretch;
  /** A target that has not recovered by then will not. */
  longestRecoveryS: number;
  /** So many seconds that do not count, and most of all: the generator was the limit. */
  leastInvalidS: number;
  /** Both sides are looked at so many times. */
  looks: number;
}

/** For tests on a machine of their own, against a target without surprises. */
export const QUICK_PACE: Pace = {
  windowS: 1,
  longestWindowS: 5,
  least: { windows: 2, seconds: 2 },
  most: { windows: 5, seconds: 5 },
  persists: { windows: 2, seconds: 2 },
  recovered: { windows: 1, seconds: 1 },
  longestRecoveryS: 30,
  leastInvalidS: 3,
  looks: 1,
};

export const USUAL_PACE: Pace = {
  windowS: 1,
  longestWindowS: 60,
  least: { windows: 5, seconds: 15 },
  most: { windows: 15, seconds: 45 },
  persists: { windows: 3, seconds: 6 },
  recovered: { windows: 2, seconds: 5 },
  longestRecoveryS: 600,
  leastInvalidS: 10,
  looks: 3,
};
