import * as z from "zod";
import type { Option } from "../../contract/option.ts";
import { cleanupOptions, cleanupShape } from "../options.ts";

/** Configuration of `recover`: clean up what another run's journal still names. Durations are milliseconds. */
export const recoverSchema = z.strictObject({
  ...cleanupShape,
  /** Wide by default: what is left behind is to be gone soon. */
  cleanupConcurrency: z.number().int().min(0, "must be 0 or more").default(10),
  /** Where a workspace's destroy fails, delete it all the same, and leave its resources where they are. */
  orphan: z.boolean().default(false),
  /** Folder of the run that left something. */
  folder: z.string().min(1),
  /** Its id. */
  run: z.string().regex(/^[a-z0-9]{8}$/),
});
export type RecoverConfig = z.output<typeof recoverSchema>;

export const recoverOptions: readonly Option[] = cleanupOptions.map((option) =>
  option.key === "cleanupConcurrency" ? { ...option, default: "10" } : option,
);
