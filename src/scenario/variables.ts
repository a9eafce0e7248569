import { type Message, say } from "../text/message.ts";
/** Which variables of the environment a file may read. */
export interface Variables {
  env: Readonly<Record<string, string | undefined>>;
  /** Besides SCALETEST_…: those that the caller names. */
  names: readonly string[];
}

/** A text with its variables put in, or what is wrong with one, and where in it. */
export type Expanded =
  | { text: string; isChanged: boolean }
  | { problem: Message; offset: number; length: number };

const REFERENCE = /\$(\$\{)|\$\{([^}]*)(\}?)/g;

/** Puts in `${NAME}` and `${NAME:-default}`; `$${` stands for `${` itself. */
export function expand(text: string, variables: Variables): Expanded {
  let [result, end] = ["", 0];
  for (const match of text.matchAll(REFERENCE)) {
    const [all, escaped, inner = "", close] = match;
    result += text.slice(end, match.index);
    end = match.index + all.length;
    if (escaped !== undefined) {
      result += escaped;
      continue;
    }
    const value = close === "" ? { problem: say("close the variable with }") } : variable(inner, variables);
    if ("problem" in value) return { ...value, offset: match.index, length: all.length };
    result += value.text;
  }
  return { text: result + text.slice(end), isChanged: end > 0 };
}

function variable(inner: string, { env, names }: Variables): { text: string } | { problem: Message } {
  const [, name = "", hasDefault, fallback = ""] = /^([A-Za-z_]\w*)(:-)?(.*)$/s.exec(inner) ?? [];
  if (name === "" || (hasDefault === undefined && fallback !== ""))
    return {
      problem: say(
        "write a variable as {0} or {1}",
        reference("SCALETEST_NAME"),
        reference("SCALETEST_NAME:-default"),
      ),
    };
  if (!/^SCALETEST_\w/.test(name) && !names.includes(name))
    return {
      problem: say(
        "a file reads only variables that begin with SCALETEST_; allow this one with --env {0}",
        name,
      ),
    };
  const value = env[name];
  if (value !== undefined && value !== "") return { text: value };
  if (hasDefault !== undefined) return { text: fallback };
  if (value === "") return { text: "" };
  return {
    problem: say("{0} is not set; set it, or write a default: {1}", name, reference(`${name}:-default`)),
  };
}

/** As it is written in a file. */
export function reference(inner: string): string {
  return `\${${inner}}`;
}
