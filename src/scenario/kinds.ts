import type { Field, Profile } from "../contract/fields/field.ts";
import { type Spelling, spellingsOf } from "../contract/fields/spellings.ts";
import type { Fields } from "../contract/fields/table.ts";
import type { Workload } from "../contract/workload.ts";

/** What steps can be, by the words that a file has for them. */
export class Kinds {
  readonly all: readonly Workload[];

  constructor(workloads: readonly Workload[]) {
    this.all = workloads.filter(({ notAStep }) => !notAStep);
  }

  /** By alias or name. */
  of(word: string): Workload | undefined {
    return this.all.find(({ name, alias }) => name === word || alias === word);
  }

  get words(): string[] {
    return this.all.map(wordOf);
  }
}

/** The word for a kind of step that is offered; its full name is as good. */
export function wordOf({ name, alias }: Workload): string {
  return alias ?? name;
}

/** A table does not change, and every step of a kind asks for its names. */
const NAMES = new WeakMap<Fields, ReadonlyMap<string, Spelling>>();

/** Every name by which a file can say a field: as in tasks, and as the flag is written. */
export function fieldNames({ fields }: Workload): ReadonlyMap<string, Spelling> {
  const known = NAMES.get(fields) ?? namesOf(fields);
  NAMES.set(fields, known);
  return known;
}

function namesOf(fields: Fields): ReadonlyMap<string, Spelling> {
  const names = new Map<string, Spelling>();
  for (const spelling of spellingsOf(fields)) {
    names.set(spelling.name, spelling);
    const { flag, file } = spelling.field;
    const dashed = spelling.by === "file" ? file?.flag : flag;
    if (dashed !== undefined && !names.has(dashed))
      names.set(dashed, {
        ...spelling,
        name: dashed,
        by: spelling.by === "file" ? "file" : "flag",
        preferred: false,
      });
  }
  return names;
}

/** The field that has a part in a step: how long it is held, which workspaces it takes. */
export function profileField({ fields }: Workload, part: Profile): { key: string; field: Field } | undefined {
  const found = Object.entries(fields).find(([, { profile }]) => profile === part);
  return found && { key: found[0], field: found[1] };
}
