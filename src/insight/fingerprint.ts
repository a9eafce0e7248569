const LONGEST = 120;
/** What a statement is told by where it is read and written; of others, a literal may be a password. */
const USUAL = /^(?:select|insert|update|delete|merge|with|values)\b/i;
/** sqlc's, which Coder's statements begin with: `-- name: GetWorkspaceByID :one`. */
const NAMED = /--\s*name:\s*(\w{1,80})\s*:/;

/** A statement without literals, for people: by its name where it has one. */
export function fingerprint(statement: string): string {
  const [, name] = NAMED.exec(statement) ?? [];
  if (name !== undefined) return name;
  const bare = withoutLiterals(statement);
  if (!USUAL.test(bare)) return bare.split(" ").slice(0, 2).join(" ").slice(0, LONGEST);
  return bare.length > LONGEST ? `${bare.slice(0, LONGEST - 1)}…` : bare;
}

function withoutLiterals(statement: string): string {
  return statement
    .replace(LITERALS, (found) => (/^(?:--|\/\*)/.test(found) ? " " : found.startsWith('"') ? found : "?"))
    .replace(/\$\d+|(?<![\w"])[+-]?(?:0x[\da-f]+|\d[\d_]*(?:\.\d*)?(?:e[+-]?\d+)?)\b/gi, "?")
    .replace(/\(\s*\?(?:\s*,\s*\?)+\s*\)/g, "(?)")
    .replace(/\s+/g, " ")
    .trim();
}

/** Comments, names in quotes, texts; one that does not end is one up to the end of what there is. */
const LITERALS = new RegExp(
  [
    "--[^\\n]*",
    "/\\*[\\s\\S]*?(?:\\*/|$)",
    '"(?:[^"]|"")*"',
    "\\b[eE]'(?:[^'\\\\]|\\\\[\\s\\S]|'')*(?:'|$)",
    "(?:\\b[bBxXuUnN]&?)?'(?:[^']|'')*(?:'|$)",
    "\\$([A-Za-z_]\\w*)?\\$[\\s\\S]*?(?:\\$\\1\\$|$)",
  ].join("|"),
  "g",
);
