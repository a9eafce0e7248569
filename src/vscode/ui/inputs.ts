/** Questions to a person, without the editor in them: tests answer them by a script. */
export const BACK: unique symbol = Symbol("back");
export type Answer<T> = T | typeof BACK | undefined;

export interface Choice<T> {
  label: string;
  description?: string;
  detail?: string;
  /** Absent: a line that only tells something and cannot be chosen. */
  value?: T;
  /** A heading above the line. */
  group?: string;
}

/** Where a question stands among the others of its command. */
export interface Place {
  title: string;
  /** Which question it is. Of how many is not told: an answer brings further ones, and makes others needless. */
  step?: number;
  back: boolean;
}

export interface ChooseOptions<T> extends Place {
  placeholder: string;
  /** May still be on its way: then the box shows that it is busy. Rejections reach the caller. */
  choices: readonly Choice<T>[] | Promise<readonly Choice<T>[]>;
  /** The choice that Enter takes. */
  active?: (value: T) => boolean;
  /** What is typed as a choice before all others; undefined: it only narrows them. */
  typed?: (text: string) => Choice<T> | undefined;
}

export interface ChooseManyOptions<T> extends Place {
  placeholder: string;
  choices: readonly Choice<T>[];
  /** What is ticked at the beginning. */
  picked?: (value: T) => boolean;
}

export interface AskOptions extends Place {
  prompt: string;
  value?: string;
  placeholder?: string;
  password?: boolean;
  /** One line that says what is wrong, or undefined. */
  validate?: (value: string) => string | undefined | Promise<string | undefined>;
  /** A button at the right of the title. */
  link?: { tooltip: string; open: () => void };
}

export interface Inputs {
  /** BACK where the person went back, undefined where they left. */
  choose<T>(options: ChooseOptions<T>): Promise<Answer<T>>;
  /** Several at once, by ticks. */
  chooseMany<T>(options: ChooseManyOptions<T>): Promise<Answer<readonly T[]>>;
  ask(options: AskOptions): Promise<Answer<string>>;
}

/** One step: asks, and puts the answer into the draft. "skip": nothing was to be asked. */
export type Step<D> = (draft: D, place: Place) => Promise<"next" | "back" | "cancel" | "skip">;

/**
 * Leads through steps, back and forth. The list of steps is made anew after each, since an answer may bring
 * further questions. Returns false where the person left.
 */
export async function runSteps<D>(
  title: string,
  draft: D,
  steps: (draft: D) => readonly Step<D>[],
): Promise<boolean> {
  let index = 0;
  /** Steps that did ask, up to here: going back leads to these only. */
  const asked: number[] = [];
  while (true) {
    const all = steps(draft);
    const step = all[index];
    if (!step) return true;
    const before = asked.length;
    const outcome = await step(draft, {
      title,
      step: before + 1,
      back: before > 0,
    });
    if (outcome === "cancel") return false;
    if (outcome === "back") {
      index = asked.pop() ?? 0;
      continue;
    }
    if (outcome === "next") asked.push(index);
    index++;
  }
}
