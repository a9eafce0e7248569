/** Two laws of systems under load, fitted by least squares in parts of the value. */

export interface Point {
  x: number;
  y: number;
}

export interface Fit {
  parameters: Record<string, number>;
  /** The root of the mean square of what the points are off, in parts of their values. */
  error: number;
  /** For drawing. */
  points: [number, number][];
}

const DRAWN = 40;
/** Capacities that are tried, as parts of the largest level: just above it to far away. */
const LEAST_CAPACITY = 1.001;
const MOST_CAPACITY = 20;
const TRIES = 200;

/**
 * Gunther's universal scalability law: x/y is linear in 1, x − 1 and x(x − 1), by which contention σ and crosstalk κ
 * slow down what one would do λ times a second. None of them is below 0.
 */
export function scalability(points: readonly Point[]): Fit | undefined {
  const rows = points.map(({ x, y }) => ({ terms: [1, x - 1, x * (x - 1)], value: x / y }));
  const [first = 0, second = 0, third = 0] = leastSquares(rows, 3);
  if (first <= 0) return undefined;
  const [lambda, sigma, kappa] = [1 / first, second / first, third / first];
  const at = (x: number) => (lambda * x) / (1 + sigma * (x - 1) + kappa * x * (x - 1));
  return fitOf(points, { lambda, sigma, kappa }, at);
}

/** One waits the longer, the nearer the level x comes to the capacity: base + wait · x / (capacity − x). */
export function queueing(points: readonly Point[]): Fit | undefined {
  const largest = Math.max(...points.map(({ x }) => x));
  const fits = Array.from({ length: TRIES }, (_, at) => {
    const part = LEAST_CAPACITY * (MOST_CAPACITY / LEAST_CAPACITY) ** (at / (TRIES - 1));
    return withCapacity(points, largest * part);
  });
  return fits.flatMap((fit) => fit ?? []).sort((one, other) => one.error - other.error)[0];
}

function withCapacity(points: readonly Point[], capacity: number): Fit | undefined {
  const load = (x: number) => x / (capacity - x);
  const [base = 0, wait = 0] = leastSquares(
    points.map(({ x, y }) => ({ terms: [1, load(x)], value: y })),
    2,
  );
  if (wait <= 0) return undefined;
  return fitOf(points, { base, wait, capacity }, (x) => base + wait * load(x));
}

function fitOf(
  points: readonly Point[],
  parameters: Record<string, number>,
  at: (x: number) => number,
): Fit | undefined {
  const off = points.map(({ x, y }) => (at(x) - y) / y);
  const error = Math.sqrt(off.reduce((sum, one) => sum + one ** 2, 0) / points.length);
  if (!Number.isFinite(error)) return undefined;
  const [least, most] = [Math.min(...points.map(({ x }) => x)), Math.max(...points.map(({ x }) => x))];
  return {
    parameters: Object.fromEntries(Object.entries(parameters).map(([name, one]) => [name, rounded(one)])),
    error: rounded(error),
    points: Array.from({ length: DRAWN }, (_, n): [number, number] => {
      // Evenly on a scale of ratios, as levels are.
      const x = least * (most / least) ** (n / (DRAWN - 1));
      return [rounded(x), rounded(at(x))];
    }),
  };
}

interface Row {
  terms: readonly number[];
  value: number;
}

/** By parts of the value, so that small ones count as much; coefficients below 0 are left out, the least first. */
function leastSquares(rows: readonly Row[], count: number): number[] {
  let used = Array.from({ length: count }, (_, at) => at);
  for (;;) {
    const found = solve(rows, used);
    const least = found && Math.min(...found);
    if (!found || least === undefined || used.length === 0) return [];
    if (least >= 0) return Array.from({ length: count }, (_, at) => found[used.indexOf(at)] ?? 0);
    used = used.filter((_, at) => found[at] !== least);
    if (used.length === 0) return [];
  }
}

/** The normal equations by Gauss's elimination; undefined where they have no one answer. */
function solve(rows: readonly Row[], used: readonly number[]): number[] | undefined {
  const scaled = rows.map(({ terms, value }) => used.map((at) => (terms[at] ?? 0) / value));
  const matrix = used.map((_, i) => [
    ...used.map((__, j) => scaled.reduce((sum, row) => sum + (row[i] ?? 0) * (row[j] ?? 0), 0)),
    scaled.reduce((sum, row) => sum + (row[i] ?? 0), 0),
  ]);
  for (const at of matrix.keys()) {
    const pivot = matrix[at];
    const head = pivot?.[at] ?? 0;
    if (!pivot || Math.abs(head) < 1e-300) return undefined;
    for (const [other, row] of matrix.entries()) {
      if (other === at) continue;
      const part = (row[at] ?? 0) / head;
      for (const column of row.keys()) row[column] = (row[column] ?? 0) - part * (pivot[column] ?? 0);
    }
  }
  return matrix.map((row, at) => (row[used.length] ?? 0) / (row[at] ?? 1));
}

function rounded(value: number): number {
  return Number(value.toPrecision(5));
}
