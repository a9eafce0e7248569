import { describe, expect, it } from "vitest";
import { errorIn } from "../../../src/protocol/log-error.ts";

/** The lines that are found, as they are in the log. */
function found(log: readonly string[], said?: string): string[] {
  const block = errorIn(log.join("\n"), said);
  return block ? log.slice(block.from, block.until) : [];
}

describe("the error in a log", () => {
  it("is terraform's first, whatever stage, frame and colours are around it, with all of its frame", () => {
    const log = [
      "[Cleaning up] Initializing the backend...",
      "[Starting workspace] null_resource.gpu: Creating...",
      "[Starting workspace] \u001b[31m╷\u001b[0m",
      "[Starting workspace] \u001b[31m│\u001b[0m Error: quota exceeded: no GPU in zone",
      "[Starting workspace] │ ",
      "[Starting workspace] │   with null_resource.gpu,",
      "[Starting workspace] │   on main.tf line 16, in resource:",
      "[Starting workspace] ╵",
      "[Starting workspace] Error: something that comes of it",
    ];
    expect(found(log)).toEqual(log.slice(3, 7));
  });

  it("goes on as far as its lines are indented, where it has no frame", () => {
    const log = ["Creating...", "Error: pods is forbidden", "  on main.tf line 3, in resource:", "Done."];
    expect(found(log)).toEqual(log.slice(1, 3));
  });

  it("is the line that was said, where none calls itself an error", () => {
    const log = ["line one", "bash: foo: command not found", "the end of it"];
    expect(found(log, "command failed: bash: foo: command not found")).toEqual([log[1]]);
  });

  it("is the last line with a word, where nothing tells more; none of an empty log", () => {
    expect(found(["a", "errors so far: 0", ""])).toEqual(["errors so far: 0"]);
    expect(found([""])).toEqual([]);
  });
});
