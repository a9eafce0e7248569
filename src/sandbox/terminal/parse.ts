/** A piece of a word: literal text, a variable, or the output of another script. */
export type Piece =
  | { kind: "text"; text: string; quoted: boolean }
  | { kind: "variable"; name: string; quoted: boolean }
  | { kind: "script"; script: Script; quoted: boolean };

export type Word = Piece[];

export interface Redirect {
  /** 0, 1 or 2. */
  descriptor: number;
  how: "<" | ">" | ">>" | ">&";
  target: Word;
}

export type Node =
  | { kind: "command"; assignments: { name: string; value: Word }[]; words: Word[]; redirects: Redirect[] }
  | { kind: "subshell" | "group"; body: Script; redirects: Redirect[] }
  | { kind: "for"; name: string; words: Word[]; body: Script; redirects: Redirect[] }
  | { kind: "while"; until: boolean; condition: Script; body: Script; redirects: Redirect[] }
  | { kind: "if"; condition: Script; then: Script; otherwise: Script | undefined; redirects: Redirect[] };

export interface Pipeline {
  negated: boolean;
  parts: Node[];
}

export interface Script {
  items: { when: ";" | "&&" | "||"; pipeline: Pipeline }[];
}

type Token =
  | { kind: "word"; word: Word; bare: string | undefined }
  | { kind: "operator"; text: string }
  | { kind: "redirect"; descriptor: number; how: Redirect["how"] };

/** What bash says, without the name of the file in front. */
export class SyntaxProblem extends Error {}

/** Scripts nest no deeper: a hostile one must not exhaust the stack. */
const MAX_DEPTH = 50;

/** Parses the small part of the shell's language that scale tests use. @throws SyntaxProblem */
export function parseScript(source: string, depth = 0): Script {
  if (depth > MAX_DEPTH) throw new SyntaxProblem("nested too deeply");
  const parser = new Parser(tokenize(source, depth), depth);
  const script = parser.script([]);
  parser.expectEnd();
  return script;
}

class Parser {
  readonly #tokens: Token[];
  #at = 0;
  #depth: number;

  constructor(tokens: Token[], depth: number) {
    this.#tokens = tokens;
    this.#depth = depth;
  }

  /** Reads commands until one of `stops` (reserved words or operators), which is left for the caller. */
  script(stops: string[]): Script {
    if (++this.#depth > MAX_DEPTH) throw new SyntaxProblem("nested too deeply");
    const items: Script["items"] = [];
    let when: ";" | "&&" | "||" = ";";
    for (;;) {
      while (this.#operator(";")) when = ";";
      const token = this.#tokens[this.#at];
      if (!token || this.#isStop(token, stops)) break;
      items.push({ when, pipeline: this.#pipeline(stops) });
      if (this.#operator("&&")) when = "&&";
      else if (this.#operator("||")) when = "||";
      else if (this.#operator(";")) when = ";";
      else break;
    }
    this.#depth--;
    return { items };
  }

  expectEnd(): void {
    const token = this.#tokens[this.#at];
    if (token) throw unexpected(token);
  }

  #isStop(token: Token, stops: string[]): boolean {
    const text = token.kind === "operator" ? token.text : token.kind === "word" ? token.bare : undefined;
    return text !== undefined && stops.includes(text);
  }

  #operator(text: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "operator" || token.text !== text) return false;
    this.#at++;
    return true;
  }

  #keyword(text: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "word" || token.bare !== text) return false;
    this.#at++;
    return true;
  }

  #need(text: string, operator = false): void {
    if (operator ? this.#operator(text) : this.#keyword(text)) return;
    const token = this.#tokens[this.#at];
    throw token ? unexpected(token) : new SyntaxProblem("syntax error: unexpected end of file");
  }

  #pipeline(stops: string[]): Pipeline {
    const negated = this.#keyword("!");
    const parts = [this.#node(stops)];
    while (this.#operator("|")) parts.push(this.#node(stops));
    return { negated, parts };
  }

  #node(stops: string[]): Node {
    if (this.#operator("(")) {
      const body = this.script([")"]);
      this.#need(")", true);
      return { kind: "subshell", body, redirects: this.#redirects() };
    }
    if (this.#keyword("{")) return { kind: "group", body: this.#until("}"), redirects: this.#redirects() };
    if (this.#keyword("for")) return this.#for();
    if (this.#keyword("while")) return this.#while(false);
    if (this.#keyword("until")) return this.#while(true);
    if (this.#keyword("if")) return this.#if();
    return this.#command(stops);
  }

  #until(word: string): Script {
    const body = this.script([word]);
    this.#need(word);
    return body;
  }

  #for(): Node {
    const token = this.#tokens[this.#at++];
    if (token?.kind !== "word" || token.bare === undefined)
      throw token ? unexpected(token) : new SyntaxProblem("syntax error: unexpected end of file");
    const words: Word[] = [];
    if (this.#keyword("in")) {
      for (let next = this.#tokens[this.#at]; next?.kind === "word"; next = this.#tokens[this.#at]) {
        words.push(next.word);
        this.#at++;
      }
    }
    this.#operator(";");
    this.#need("do");
    return { kind: "for", name: token.bare, words, body: this.#until("done"), redirects: this.#redirects() };
  }

  #while(until: boolean): Node {
    const condition = this.#until("do");
    return { kind: "while", until, condition, body: this.#until("done"), redirects: this.#redirects() };
  }

  #if(): Node {
    const condition = this.#until("then");
    const then = this.script(["elif", "else", "fi"]);
    if (this.#keyword("elif")) {
      const nested: Script = { items: [{ when: ";", pipeline: { negated: false, parts: [this.#if()] } }] };
      return { kind: "if", condition, then, otherwise: nested, redirects: [] };
    }
    const otherwise = this.#keyword("else") ? this.script(["fi"]) : undefined;
    this.#need("fi");
    return { kind: "if", condition, then, otherwise, redirects: this.#redirects() };
  }

  #redirects(): Redirect[] {
    const redirects: Redirect[] = [];
    for (let token = this.#tokens[this.#at]; token?.kind === "redirect"; token = this.#tokens[this.#at]) {
      this.#at++;
      redirects.push(this.#redirect(token));
    }
    return redirects;
  }

  #redirect(token: { descriptor: number; how: Redirect["how"] }): Redirect {
    const target = this.#tokens[this.#at++];
    if (target?.kind !== "word")
      throw target ? unexpected(target) : new SyntaxProblem("syntax error near unexpected token `newline'");
    return { descriptor: token.descriptor, how: token.how, target: target.word };
  }

  #command(stops: string[]): Node {
    const assignments: { name: string; value: Word }[] = [];
    const words: Word[] = [];
    const redirects: Redirect[] = [];
    for (;;) {
      const token = this.#tokens[this.#at];
      if (!token || token.kind === "operator") break;
      if (token.kind === "word" && !words.length && !assignments.length && this.#isStop(token, stops)) break;
      this.#at++;
      if (token.kind === "redirect") redirects.push(this.#redirect(token));
      else {
        const assignment = words.length ? undefined : assignmentOf(token.word);
        if (assignment) assignments.push(assignment);
        else words.push(token.word);
      }
    }
    if (words.length || assignments.length || redirects.length) {
      return { kind: "command", assignments, words, redirects };
    }
    const token = this.#tokens[this.#at];
    throw token ? unexpected(token) : new SyntaxProblem("syntax error: unexpected end of file");
  }
}

function unexpected(token: Token): SyntaxProblem {
  const text =
    token.kind === "operator" ? token.text : token.kind === "redirect" ? token.how : (token.bare ?? "word");
  return new SyntaxProblem(`syntax error near unexpected token \`${text}'`);
}

function assignmentOf(word: Word): { name: string; value: Word } | undefined {
  const [first, ...rest] = word;
  if (first?.kind !== "text" || first.quoted) return undefined;
  const match = /^([A-Za-z_][A-Za-z0-9_]*)=/.exec(first.text);
  if (!match?.[1]) return undefined;
  const left = first.text.slice(match[0].length);
  return { name: match[1], value: [{ kind: "text", text: left, quoted: false }, ...rest] };
}

/** The shell's metacharacters. Other white space is part of a word: everything that ends one has to be taken as a token. */
const WORD_END = /[ \t\r\n;&|()<>]/;
const OPERATOR = /^(&&|\|\||;|\||\(|\)|\n|&)/;
const REDIRECT = /^([012]?)(>>|>&|<|>)/;

function tokenize(source: string, depth: number): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const rest = source.slice(at, at + 4);
    const redirect = REDIRECT.exec(rest);
    const operator = OPERATOR.exec(rest)?.[0];
    const char = source[at];
    if (char === " " || char === "\t" || char === "\r") at++;
    else if (char === "#") at = endOfLine(source, at);
    else if (rest.startsWith("&>")) {
      tokens.push({ kind: "redirect", descriptor: 2, how: ">&" });
      tokens.push({ kind: "word", word: [{ kind: "text", text: "1", quoted: false }], bare: "1" });
      tokens.push({ kind: "redirect", descriptor: 1, how: ">" });
      at += 2;
    } else if (redirect) {
      const how = redirect[2] as Redirect["how"];
      tokens.push({
        kind: "redirect",
        descriptor: redirect[1] ? Number(redirect[1]) : how === "<" ? 0 : 1,
        how,
      });
      at += redirect[0].length;
    } else if (operator) {
      tokens.push({ kind: "operator", text: operator === "\n" || operator === "&" ? ";" : operator });
      at += operator.length;
    } else {
      const read = readWord(source, at, depth);
      tokens.push({ kind: "word", word: read.word, bare: bareText(read.word) });
      at = read.end;
    }
  }
  return tokens;
}

function endOfLine(source: string, at: number): number {
  const end = source.indexOf("\n", at);
  return end < 0 ? source.length : end;
}

function bareText(word: Word): string | undefined {
  const [only, ...rest] = word;
  return only?.kind === "text" && !only.quoted && !rest.length ? only.text : undefined;
}

function readWord(source: string, from: number, depth: number): { word: Word; end: number } {
  const word: Word = [];
  let at = from;
  const text = (value: string, quoted: boolean) => {
    const last = word.at(-1);
    if (last?.kind === "text" && last.quoted === quoted) last.text += value;
    else word.push({ kind: "text", text: value, quoted });
  };
  while (at < source.length && !WORD_END.test(source[at] ?? "")) {
    const char = source[at] ?? "";
    if (char === "\\") {
      text(source[at + 1] ?? "", true);
      at += 2;
    } else if (char === "'") {
      const end = source.indexOf("'", at + 1);
      if (end < 0) throw new SyntaxProblem("unexpected EOF while looking for matching `''");
      text(source.slice(at + 1, end), true);
      at = end + 1;
    } else if (char === '"') at = readDouble(source, at + 1, depth, word, text);
    else if (char === "$") at = readDollar(source, at, depth, false, word, text);
    else {
      text(char, false);
      at++;
    }
  }
  return { word, end: at };
}

type AddText = (value: string, quoted: boolean) => void;

function readDouble(source: string, from: number, depth: number, word: Word, text: AddText): number {
  let at = from;
  text("", true);
  while (source[at] !== '"') {
    const char = source[at];
    if (char === undefined) throw new SyntaxProblem("unexpected EOF while looking for matching `\"'");
    if (char === "\\" && /["\\$`\n]/.test(source[at + 1] ?? "")) {
      text(source[at + 1] ?? "", true);
      at += 2;
    } else if (char === "$") at = readDollar(source, at, depth, true, word, text);
    else {
      text(char, true);
      at++;
    }
  }
  return at + 1;
}

function readDollar(
  source: string,
  at: number,
  depth: number,
  quoted: boolean,
  word: Word,
  text: AddText,
): number {
  if (source[at + 1] === "(") {
    const end = closingParenthesis(source, at + 2);
    word.push({ kind: "script", script: parseScript(source.slice(at + 2, end), depth + 1), quoted });
    return end + 1;
  }
  const match = /^\$(?:\{([A-Za-z_][A-Za-z0-9_]*|[?$#0-9])\}|([A-Za-z_][A-Za-z0-9_]*|[?$#@0-9-]))/.exec(
    source.slice(at, at + 200),
  );
  const name = match?.[1] ?? match?.[2];
  if (!match || name === undefined) {
    text("$", quoted);
    return at + 1;
  }
  word.push({ kind: "variable", name, quoted });
  return at + match[0].length;
}

function closingParenthesis(source: string, from: number): number {
  let open = 1;
  let quote = "";
  for (let at = from; at < source.length; at++) {
    const char = source[at] ?? "";
    if (quote) quote = char === quote ? "" : quote;
    else if (char === "'" || char === '"') quote = char;
    else if (char === "(") open++;
    else if (char === ")" && --open === 0) return at;
  }
  throw new SyntaxProblem("unexpected EOF while looking for matching `)'");
}
