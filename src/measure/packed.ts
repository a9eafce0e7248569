import { bucketOf, middleOf } from "./buckets.ts";
import type { Second, StepSecond, Window } from "./seconds.ts";
import type { DurationValue, Sparse, Value } from "./values.ts";

/**
 * Seconds as they are kept on disk. Durations are most of them: their buckets are written as bytes, in base64, which takes
 * a fifth of the room of two lists of numbers. Nothing is lost by it. For node only: it uses Buffer, which a page has not
 * (src/tsconfig.json).
 */
export type PackedValue =
  | Exclude<Value, DurationValue>
  | (Omit<DurationValue, "ended" | "unfinished"> & { ended: string; unfinished?: string });

type StepOf<V> = Omit<StepSecond, "values"> & { values: Partial<Record<Window, Record<string, V>>> };

export interface PackedSecond {
  second: number;
  steps: Record<string, StepOf<PackedValue>>;
}

export function packed({ second, steps }: Second): PackedSecond {
  return { second, steps: mapSteps(steps, packValue) };
}

export function unpacked({ second, steps }: PackedSecond): Second {
  return { second, steps: mapSteps(steps, unpackValue) };
}

function mapSteps<A, B>(
  steps: Readonly<Record<string, StepOf<A>>>,
  change: (value: A) => B,
): Record<string, StepOf<B>> {
  return mapRecord(steps, ({ values, ...rest }) => {
    const changed: StepOf<B>["values"] = {};
    for (const [window, of] of Object.entries(values) as [Window, Record<string, A>][])
      changed[window] = mapRecord(of, change);
    return { ...rest, values: changed };
  });
}

function mapRecord<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

function packValue(value: Value): PackedValue {
  if (value.kind !== "duration") return value;
  const { ended, unfinished, ...rest } = value;
  return {
    ...rest,
    ended: packSparse(ended),
    ...(unfinished ? { unfinished: packSparse(unfinished) } : {}),
  };
}

function unpackValue(value: PackedValue): Value {
  if (value.kind !== "duration") return value;
  const { ended, unfinished, ...rest } = value;
  return {
    ...rest,
    ended: unpackSparse(ended),
    ...(unfinished === undefined ? {} : { unfinished: unpackSparse(unfinished) }),
  };
}

/** What a count of one to three adds to a bucket's number; more follows as a number of its own. */
const COUNTS = 4;

/** Steps from bucket to bucket, each with its count, as variable-length integers (seven bits a byte). */
function packSparse({ us, counts }: Sparse): string {
  const bytes: number[] = [];
  let before = 0;
  const buckets = us.map((value, at) => [bucketOf(value), counts[at] ?? 0] as const);
  for (const [bucket, count] of buckets.sort(([a], [b]) => a - b)) {
    const isFew = count > 0 && count < COUNTS;
    put(bytes, (bucket - before) * COUNTS + (isFew ? count : 0));
    if (!isFew) put(bytes, count);
    before = bucket;
  }
  return Buffer.from(bytes).toString("base64");
}

function put(bytes: number[], value: number): void {
  let left = value;
  while (left > 127) {
    bytes.push((left % 128) + 128);
    left = Math.floor(left / 128);
  }
  bytes.push(left);
}

function unpackSparse(text: string): Sparse {
  const bytes = Buffer.from(text, "base64");
  const us: number[] = [];
  const counts: number[] = [];
  let at = 0;
  const next = () => {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = bytes[at++] ?? 0;
      value += (byte % 128) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  };
  let bucket = 0;
  while (at < bytes.length) {
    const value = next();
    bucket += Math.floor(value / COUNTS);
    us.push(middleOf(bucket));
    counts.push(value % COUNTS || next());
  }
  return { us, counts };
}
