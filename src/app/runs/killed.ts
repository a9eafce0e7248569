import { stat } from "node:fs/promises";
import path from "node:path";
import { type PackedSecond, unpacked } from "../../measure/packed.ts";
import type { Second, StepSecond } from "../../measure/seconds.ts";
import { figuresToShow } from "../../measure/to-show.ts";
import { shownValidity, sumOf, Totals } from "../../measure/totals.ts";
import type { Answer } from "../../protocol/answer.ts";
import type { Description } from "../../protocol/description.ts";
import { percentilesIn, phasesIn } from "../../protocol/percentiles-in.ts";
import type { Snapshot, Step } from "../../protocol/snapshot.ts";
import { ndjsonLines } from "../../runs/ndjson.ts";
import { SECONDS_FILE } from "../../runs/run-file.ts";
import { say } from "../../text/message.ts";

/** A longer file would take seconds to read. What the runner has kept of such a run is at most 15 seconds old. */
const MOST_BYTES = 32 * 1024 * 1024;

/**
 * How a run looked when its runner died: the look that it had kept, with the figures of every second that it has written
 * since.
 */
export async function killedSnapshot(
  folder: string,
  last: Snapshot,
  descriptions: ReadonlyMap<string, Description>,
): Promise<Snapshot> {
  const file = path.join(folder, SECONDS_FILE);
  const size = (await stat(file).catch(() => undefined))?.size ?? 0;
  const isReadable = size > 0 && size <= MOST_BYTES;
  const measured = isReadable ? await totalsOf(file) : new Map<string, StepTotals>();
  const steps = last.steps.map((step) => {
    const [totals, description] = [measured.get(step.name), descriptions.get(step.name)];
    return unended(totals && description ? withFigures(step, totals, description) : step);
  });
  return { ...last, ...(last.answer ? { answer: endless(last.answer) } : {}), ...ENDED, steps };
}

const ENDED = { state: "crashed", remainingMs: null } as const;

/** What held until then says nothing of the rest; what was broken stays so. */
function endless(answer: Answer): Answer {
  if (answer.holds === "no") return answer;
  const [, ...parts] = answer.parts;
  return {
    ...answer,
    holds: "unknown",
    parts: [say("Cannot tell: the runner died before the run's end"), ...parts],
  };
}

/** A step that was at work has no verdict, and never gets one. */
function unended(step: Step): Step {
  if (step.state !== "active" && step.state !== "preparing") return step;
  return { ...step, summary: say("under way when the runner died") };
}

interface StepTotals {
  totals: Totals;
  last: StepSecond;
}

async function totalsOf(file: string): Promise<Map<string, StepTotals>> {
  const steps = new Map<string, StepTotals>();
  for await (const line of ndjsonLines(file)) {
    const second = secondOf(line);
    for (const [name, last] of Object.entries(second?.steps ?? {})) {
      const { totals } = steps.get(name) ?? { totals: new Totals() };
      totals.take(second?.second ?? 0, last);
      steps.set(name, { totals, last });
    }
  }
  return steps;
}

/** undefined where the line is no second, or was not written to its end. */
export function secondOf(line: string): Second | undefined {
  try {
    return unpacked(JSON.parse(line) as PackedSecond);
  } catch {
    return undefined;
  }
}

function withFigures(step: Step, { totals, last }: StepTotals, description: Description): Step {
  const figures = figuresToShow(description, {
    valid: totals.over("valid"),
    all: totals.over("all"),
    second: sumOf(last),
  });
  const ready = percentilesIn(figures, "ready");
  return {
    ...step,
    description,
    figures,
    phases: phasesIn(description, figures),
    ...(ready ? { ready } : {}),
    validity: shownValidity(totals.validity),
  };
}
