import { parse } from "csv-parse/sync";
import { expect, it } from "vitest";
import { checksCsv, workspacesCsv } from "../../../../src/app/report/csv.ts";
import { plainHtml } from "../../../../src/app/report/html.ts";
import { foreign } from "../../../../src/text/message.ts";
import { fixtureRows, fixtureSnapshot } from "../../../webview/fixtures.ts";
import { NASTY } from "./results.ts";

const FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", '=a,b"c'];

/** A half of a character is none in a file. */
const asUtf8 = (text: string) => Buffer.from(text).toString();

it.each([...FORMULAS, ...NASTY])("in CSV, %j is one cell, and no formula", (text) => {
  const [row] = fixtureRows(1, 1_000);
  if (!row) throw new Error("a row");
  const { steps } = fixtureSnapshot(1, 1_000);
  const csv = workspacesCsv({ snapshot: { steps }, rows: [{ ...row, name: text, error: foreign(text) }] });
  const [read, ...more] = parse(csv, { columns: true }) as Record<string, string>[];
  expect(more).toEqual([]);
  for (const cell of [read?.workspace, read?.error]) {
    expect(cell).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
    expect(cell?.replace(/^'/, "")).toBe(asUtf8(text));
  }
});

it("in CSV, numbers stay numbers, below zero, too", () => {
  const [row] = fixtureRows(1, 1_000);
  if (!row) throw new Error("a row");
  const { steps } = fixtureSnapshot(1, 1_000);
  const csv = workspacesCsv({ snapshot: { steps }, rows: [{ ...row, readyMs: -12.5 }] });
  const [read] = parse(csv, { columns: true }) as Record<string, string>[];
  expect(read?.ready_ms).toBe("-12.5");
});

it("a check of a preflight is a line", () => {
  const csv = checksCsv([{ id: "x", label: "=a", status: "ok", figure: "1,5" }]);
  expect(csv).toBe('id,check,status,figure,mend\r\nx,\'=a,ok,"1,5",\r\n');
});

it.each(NASTY)("a page without a run has no markup of %j", (text) => {
  const tags = (html: string) => html.match(/<[^>]*>/g);
  expect(tags(plainHtml(text, text))).toEqual(tags(plainHtml("plain", "plain")));
});
