import { ApiError, type Validation } from "../http/errors.ts";

/** A search query: lower-cased terms by key; bare words are under `bare`. */
export type Query = Map<string, string[]>;

/**
 * Reads `key:value` and bare terms, values optionally in double quotes, as Coder's search does.
 * @param bare the key that bare words stand for
 * @param known the keys that this search understands
 * @throws ApiError 400 with one validation for each key that is wrong
 */
export function parseSearch(raw: string, subject: string, bare: string, known: readonly string[]): Query {
  const terms: Query = new Map();
  const problems: Validation[] = [];
  for (const term of splitTerms(raw.toLowerCase())) {
    if (/^:|:$/.test(term)) {
      problems.push({ field: "q", detail: `Query element "${term}" cannot start or end with ':'` });
      continue;
    }
    const at = term.search(/(?<!"[^"]*):/);
    const key = at < 0 ? bare : term.slice(0, at);
    const value = (at < 0 ? term : term.slice(at + 1)).replace(/^"(.*)"$/, "$1");
    terms.set(key, [...(terms.get(key) ?? []), value]);
  }
  for (const [key, values] of terms) {
    if (!known.includes(key)) problems.push({ field: key, detail: `"${key}" is not a valid query param` });
    else if (values.length > 1 && key !== "param") problems.push(repeated(key, values.length));
  }
  if (problems.length) throw searchError(subject, problems);
  return terms;
}

export function searchError(subject: string, validations: Validation[]): ApiError {
  return new ApiError(400, `Invalid ${subject} search query.`, { validations });
}

function repeated(key: string, count: number): Validation {
  return {
    field: key,
    detail: `Query param "${key}" provided more than once, found ${count} times. Only provide 1 instance of this query param.`,
  };
}

/** At spaces outside double quotes. */
function splitTerms(raw: string): string[] {
  return raw.match(/(?:[^\s"]+|"[^"]*")+/g) ?? [];
}

/** Refuses query parameters that a route does not know. @throws ApiError 400 */
export function onlyParams(query: URLSearchParams, known: readonly string[]): void {
  const problems = [...new Set(query.keys())]
    .filter((key) => !known.includes(key))
    .map((key) => ({ field: key, detail: `"${key}" is not a valid query param` }));
  if (problems.length) throw new ApiError(400, "Invalid query parameters.", { validations: problems });
}

export function slicePage<T>(items: T[], page: { limit: number; offset: number }): T[] {
  return items.slice(page.offset, page.limit ? page.offset + page.limit : undefined);
}
