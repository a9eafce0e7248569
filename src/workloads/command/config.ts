import * as z from "zod";
import { field, told } from "../../contract/fields/field.ts";
import { fieldTable, schemaOf } from "../../contract/fields/table.ts";
import { words } from "../../text/message.ts";
import { chosenFields } from "../chosen-fields.ts";
import { commandFields, runCommandField } from "../command-fields.ts";
import { cleanupFields, loadFields } from "../common-fields.ts";
import { thresholdField } from "../thresholds.ts";
import { COMMAND_METRICS } from "./describe.ts";

export const COMMAND = "command";

const COMMAND_RULE = words("is required: what to run in each workspace");

/** What `command` can be told. Durations are milliseconds; 0 is "no limit" where a limit is meant. */
export const commandWorkloadFields = fieldTable({
  runCommand: field(z.string(COMMAND_RULE).min(1, COMMAND_RULE), {
    ...runCommandField,
    required: true,
    description: "Command to run in each workspace's web terminal (required)",
    asked: "is the command to run in each workspace",
  }),
  ...commandFields,
  ...chosenFields,
  useHostLogin: told(loadFields.useHostLogin, {
    description: "Connect as the signed-in user instead of as each workspace's owner",
  }),
  agent: told(loadFields.agent, {
    description: "Agent to run it in; by default the first of the last resource that has one",
  }),
  concurrency: loadFields.concurrency,
  timeoutMs: loadFields.timeoutMs,
  jobTimeoutMs: loadFields.jobTimeoutMs,
  ...cleanupFields,
  org: loadFields.org,
  thresholds: thresholdField(COMMAND_METRICS, "command.p95<10s"),
});

export const commandSchema = schemaOf(commandWorkloadFields);
export type CommandConfig = z.output<typeof commandSchema>;
