import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { JobFailure, Refusal } from "../../../src/contract/failures.ts";
import { Secrets } from "../../../src/engine/secrets.ts";
import { foreign } from "../../../src/text/message.ts";
import { inEnglish } from "../../../test/support/in-english.ts";
import { fakeJob, fakePlan, fakeRuns } from "./fake-run.ts";

const SECRET = 'hunter2 "the second"';
const { folder, open } = fakeRuns();

function written(): string {
  return readdirSync(folder())
    .map((name) => readFileSync(path.join(folder(), name), "utf8"))
    .join("\n");
}

it("a failure's cause, message, log and example tell no secret, and neither do events and warnings", async () => {
  const kept: object[] = [];
  const run = await open({
    onKept: (_step, config) => kept.push(config),
    prepare: async (context) => {
      context.keep({ parameters: { cpu: "2" } }, [SECRET]);
      context.warn(foreign(`said ${SECRET}`));
      context.event(foreign(`done ${SECRET}`));
      const job = fakeJob(0, async ({ keepLog, log }) => {
        keepLog(`kept ${SECRET}`);
        log(`line ${SECRET}`);
        throw new JobFailure("id", foreign(`cause ${SECRET}`), {
          said: foreign(`message ${SECRET}`),
          log: `log ${SECRET}`,
        });
      });
      return fakePlan({ jobs: [job] });
    },
  });
  const outcome = await run.execute();
  expect(kept).toEqual([{ parameters: { cpu: "2" } }]);
  expect(inEnglish(outcome.summary)).toContain("cause ***");
  for (const text of [written(), JSON.stringify(run.snapshot()), JSON.stringify(run.rows)])
    expect(text).not.toContain("hunter2");
  for (const part of ["cause", "message", "log", "line", "said", "done"])
    expect(written()).toContain(`${part} ***`);
});

it("a refusal tells no secret", async () => {
  const run = await open({
    prepare: async (context) => {
      context.keep({}, [SECRET]);
      throw new Refusal(foreign(`"${SECRET}" does not match`));
    },
  });
  expect(inEnglish(await run.execute())).toMatchObject({ refusal: '"***" does not match' });
  expect(written()).not.toContain("hunter2");
});

it("a secret of several lines is hidden line by line, and the longer of two before the shorter", () => {
  const secrets = new Secrets();
  secrets.add(["first line\nsecond line", "first", "abc"]);
  expect(secrets.hide("> first line\n> second line, first, abc")).toBe("> ***\n> ***, ***, abc");
  secrets.add(["first of all"]);
  expect(secrets.hide("first of all")).toBe("***");
});
