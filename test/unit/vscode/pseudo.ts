import { expect } from "vitest";
import { workspaceSchema } from "../../../src/coder/schemas.ts";
import { translateBy } from "../../../src/l10n/text.ts";
import { filled } from "../../../src/text/message.ts";
import { pseudo, pseudoTexts, untold } from "../../webview/pseudo.ts";

const BUNDLE = Object.keys(pseudoTexts().contents);

/**
 * The editor in a language that nobody speaks: every text of the bundle is in brackets there. What a line says
 * outside of them was put together from English, or never given to the translator.
 */
export function speak(...more: string[]): void {
  const known = new Set([...BUNDLE, ...more]);
  translateBy((text, ...values) => filled(known.has(text) ? pseudo(text) : text, values), "en-XA");
}

const DATA: (string | RegExp)[] = [
  // An icon, a link, and the marks of Markdown and of a table.
  /\$\([a-z~-]+\)/g,
  /\]\([a-z]+:[^)]*\)/g,
  /-{2,}|[#*|[\]`↑↓]/g,
];
/** Names of runs, which are the same for all who read them. */
const TITLES = [
  /create(-workspaces)? \d+ × \w+/g,
  /pool \w+ of \d+ (users|workspaces)|^pool$/g,
  /stop and start workspaces|run a command in workspaces/g,
  /web terminal traffic, \d+ messages\/s × [\d.]+ KB a connection/g,
  /Nov 24, 2025, \d+:\d+ [AP]M/g,
  // The runs of a comparison.
  /- \*\*[AB]\*\*: |\| A \| B \|/g,
];
const PEOPLE = [
  /scaletest-\w+-?\d*/g,
  "admin",
  "https://coder.example.com",
  "laptop",
  "kubernetes",
  "docker",
];

/** All texts in what a view shows. */
export function textsOf(shown: unknown): string[] {
  if (typeof shown === "string") return [shown];
  if (Array.isArray(shown)) return shown.flatMap(textsOf);
  if (typeof shown !== "object" || shown === null) return [];
  return Object.entries(shown).flatMap(([key, value]) => (NO_TEXTS.has(key) ? [] : textsOf(value)));
}
const NO_TEXTS = new Set([
  "id",
  "runId",
  "icon",
  "colour",
  "context",
  "command",
  "kind",
  "args",
  "hit",
  "target",
  "background",
  "severity",
  "folder",
  "value",
  "name",
  "url",
  "owner",
  "leftover",
  "leftovers",
  "arguments",
  "key",
  "reference",
]);

/** Texts outside of brackets, of which there are to be none; what is shown has to have texts, or it proves nothing. */
export function english(shown: unknown, data: readonly (string | RegExp)[] = []): string[] {
  const texts = textsOf(shown);
  expect(texts.join("")).toContain("⟦");
  return untold(
    whole(texts).map((text) => text.replaceAll("\\", "")),
    [...TITLES, ...PEOPLE, ...data, ...DATA],
  );
}

/** What is too long for a line of a list goes on in the next. */
function whole(texts: readonly string[]): string[] {
  const all: string[] = [];
  for (const text of texts) {
    const last = all.at(-1);
    if (last !== undefined && last.split("⟦").length > last.split("⟧").length)
      all.push(`${all.pop()} ${text}`);
    else all.push(text);
  }
  return all;
}

/** A workspace that runs, with an app. */
export function runningWorkspace(name: string) {
  const job = { id: "j", status: "succeeded", created_at: "2026-01-01T00:00:00Z" };
  const agents = [
    {
      id: "a",
      name: "main",
      status: "connected",
      lifecycle_state: "ready",
      created_at: "",
      apps: [{ slug: "echo" }],
    },
  ];
  const build = {
    id: "b",
    build_number: 1,
    transition: "start",
    status: "running",
    job,
    resources: [{ agents }],
  };
  return workspaceSchema.parse({
    id: name,
    name,
    owner_id: name,
    owner_name: name,
    template_id: "t",
    template_name: "kubernetes",
    created_at: "2026-01-01T00:00:00Z",
    latest_build: build,
  });
}
