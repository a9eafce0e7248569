import * as z from "zod";
import type { Message } from "../../text/message.ts";

/** How a value is written where there is only text: in a flag or an environment variable. */
export type Kind = "integer" | "text" | "duration" | "boolean" | "choice" | "list" | "map" | "data";

/** What is said of a field besides its type. */
export interface Description {
  description: string;
  /** Long flag without dashes: `run-command`. Without it, no front end can be told. */
  flag?: string;
  /** One letter. */
  short?: string;
  /** Environment variable that the command line reads where the flag is not given; a list is separated by commas. */
  env?: string;
  /** `ms`: written as a duration such as `5m`. */
  unit?: "ms" | "bytes";
  /** Stands for the value in the help; by default the kind. */
  placeholder?: string;
  /** The flag says the opposite of the value: `--no-ssh` makes `ssh` false. */
  negated?: true;
  /** A file that holds the same values; those that are given one by one win. */
  file?: FileSource;
  /**
   * Among its values may be secrets, which only the deployment can tell: the runner is given them over its socket, no
   * problem quotes them, and they are written down only as far as the workload says that they may be.
   */
  mayBeSecret?: true;
  /** Left out of help and completion. */
  hidden?: true;
  /** The editor asks for it, so a task has to name it. What is said where it does not: "names the template". */
  asked?: string;
  /** Accepted only to be refused with this reason. */
  unsupported?: string;
}

/** A second flag of a field, which names a file. */
export interface FileSource
  extends Required<Pick<Description, "flag" | "env" | "placeholder" | "description">> {
  read(path: string): Reading;
}

/** A value, or what is wrong with the text; the name of the option goes before it: "must be a whole number". */
export type Reading = { value: unknown } | { problem: Message };

/** One thing that a workload can be told. Its key in the table is its key in the configuration. */
export interface Field<T extends z.ZodType = z.ZodType, S extends z.ZodType = z.ZodType> extends Description {
  kind: Kind;
  /** Of a value that is given. */
  type: T;
  /** Of the configuration: the type with its default, or optional. */
  schema: S;
  default?: unknown;
}

/** Describes one thing that a workload can be told; every front end is made of it. */
export function field<T extends z.ZodType>(
  type: T,
  described: Description & { default: z.output<T> },
): Field<T, z.ZodDefault<T>>;
export function field<T extends z.ZodType>(type: T, described: Description & { required: true }): Field<T, T>;
export function field<T extends z.ZodType>(type: T, described: Description): Field<T, z.ZodOptional<T>>;
export function field(
  type: z.ZodType,
  { required, ...described }: Description & { default?: unknown; required?: true },
): Field {
  return {
    ...described,
    kind: kindOf(type, described.unit),
    type,
    schema: "default" in described ? type.default(described.default) : required ? type : type.optional(),
  };
}

/** A shared field with what one workload says of it. */
export function told<T extends z.ZodType, S extends z.ZodType>(
  base: Field<T, S>,
  own: { description: string },
): Field<T, S> {
  return { ...base, ...own };
}

/** A shared field without its default: the workload decides what it is where nobody says. */
export function withoutDefault<T extends z.ZodType>(
  base: Field<T, z.ZodDefault<T>>,
  own: { description: string },
): Field<T, z.ZodOptional<T>> {
  const { default: _default, ...described } = base;
  return { ...described, ...own, schema: base.type.optional() };
}

/** A shared field with a default of the workload's own. */
export function withDefault<T extends z.ZodType>(
  base: Field<T, z.ZodDefault<T>>,
  value: z.output<T>,
  own: { description?: string } = {},
): Field<T, z.ZodDefault<T>> {
  return { ...field(base.type, { ...base, ...own, default: value }) };
}

/** A flag that is known only to be refused with the reason; it has no place in the configuration. */
export type Unsupported = Field & { unsupported: string };

/** Choices of a field of kind `choice`; none of others. */
export function choicesOf({ type }: Pick<Field, "type">): readonly string[] {
  return type instanceof z.ZodEnum ? type.options.map(String) : [];
}

function kindOf(type: unknown, unit: Description["unit"]): Kind {
  if (type instanceof z.ZodPipe) return kindOf(type.in, unit);
  if (type instanceof z.ZodNumber) return unit === "ms" ? "duration" : "integer";
  if (type instanceof z.ZodBoolean) return "boolean";
  if (type instanceof z.ZodEnum) return "choice";
  if (type instanceof z.ZodArray) return "list";
  if (type instanceof z.ZodRecord) return "map";
  if (type instanceof z.ZodObject) return "data";
  return "text";
}
