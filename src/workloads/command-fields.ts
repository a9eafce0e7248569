import * as z from "zod";
import { field } from "../contract/fields/field.ts";
import { coder, someMilliseconds } from "./common-fields.ts";

/** A command in workspaces, with the flags of Coder's own tool. */
export const runCommandField = field(z.string(), {
  flag: "run-command",
  env: coder("RUN_COMMAND"),
  placeholder: "command",
  description: "Command to run in each workspace's web terminal",
});

/** How that command is judged. */
export const commandFields = {
  runTimeoutMs: field(someMilliseconds(), {
    flag: "run-timeout",
    env: coder("RUN_TIMEOUT"),
    unit: "ms",
    // Coder's own default is 5 s, which a command that does some work does not keep to.
    default: 30_000,
    description: "Time for the command, from the terminal's first byte",
  }),
  runExpectOutput: field(z.string(), {
    flag: "run-expect-output",
    env: coder("RUN_EXPECT_OUTPUT"),
    placeholder: "text",
    description: "Fail where the command does not print this text on one line",
  }),
  runExpectTimeout: field(z.boolean(), {
    flag: "run-expect-timeout",
    env: coder("RUN_EXPECT_TIMEOUT"),
    default: false,
    description: "Succeed where the command does not end in time, and fail where it does",
  }),
  runLogOutput: field(z.boolean(), {
    flag: "run-log-output",
    env: coder("RUN_LOG_OUTPUT"),
    default: false,
    description: "Keep the command's output in the results",
  }),
};
