import { parse } from "csv-parse/sync";

/**
 * Several texts written as one, as Coder's own command reads the value of a flag that may be repeated, and of its
 * environment variable: fields of CSV, where quotes keep a comma or a quote inside one:
 * `region=eu,"tags=[""a"",""b""]"` (github.com/coder/serpent, values.go, `readAsCSV`). What is no CSV, such as
 * `tags=["a","b"]`, is one text as it stands, where Coder's own command refuses it.
 */
export function csvFields(text: string): string[] {
  if (text === "") return [];
  try {
    const [record, ...more] = parse(text) as string[][];
    return record && more.length === 0 ? record : [text];
  } catch {
    return [text];
  }
}
