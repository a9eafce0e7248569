import * as z from "zod";
import { messageSchema } from "../text/schema.ts";
import { seriesResult, workspacesParams, workspacesResult } from "./messages.ts";
import { sampleSchema, snapshotSchema } from "./snapshot.ts";

/** Messages between the editor and the live panel (a webview). Both sides validate what they receive. */

/** A part of a run's time, in seconds since it began, and the step that it is about. */
export const panelPlaceSchema = z.object({
  step: z.string().optional(),
  from: z.number().min(0),
  until: z.number().min(0),
});
export type PanelPlace = z.infer<typeof panelPlaceSchema>;

/** What a panel can be asked to show: a part of the time, a workspace, or the failures of one cause, by its English. */
export const panelTargetSchema = z.union([
  panelPlaceSchema,
  z.object({ step: z.string().optional(), workspace: z.string() }),
  z.object({ step: z.string().optional(), failure: z.string() }),
]);
export type PanelTarget = z.infer<typeof panelTargetSchema>;

/** A line of what the run was asked to do; `step`: of which, where there are several. */
export const askedRowSchema = z.object({
  step: z.string().optional(),
  label: messageSchema,
  value: messageSchema,
});
export type AskedRow = z.infer<typeof askedRowSchema>;

export const toPanelSchema = z.discriminatedUnion("type", [
  /** How the editor stands to the runner; the panel shows it where it is not simply "attached". */
  z.object({
    type: z.literal("connection"),
    state: z.enum(["connecting", "attached", "silent", "lost", "closed"]),
    message: z.string().optional(),
  }),
  z.object({ type: z.literal("snapshot"), snapshot: snapshotSchema }),
  /** Replaces all samples that the panel has. */
  z.object({ type: z.literal("series"), samples: seriesResult.shape.samples }),
  z.object({ type: z.literal("sample"), sample: sampleSchema }),
  z.object({ type: z.literal("page"), request: z.number(), page: workspacesResult }),
  /** Show this part of the time and point at it, or this workspace or failure with what is known of it. */
  z.object({ type: z.literal("look"), at: panelTargetSchema }),
  /** What the run was asked to do. */
  z.object({ type: z.literal("asked"), rows: z.array(askedRowSchema) }),
  z.object({ type: z.literal("notice"), level: z.enum(["info", "error"]), text: z.string() }),
]);
export type ToPanel = z.infer<typeof toPanelSchema>;

export const fromPanelSchema = z.discriminatedUnion("type", [
  /** The panel is drawn and empty: send connection, snapshot and series. */
  z.object({ type: z.literal("ready") }),
  z.object({ type: z.literal("stop"), keep: z.boolean() }),
  /** To the run's deployment: its session has expired. */
  z.object({ type: z.literal("signIn") }),
  z.object({ type: z.literal("pause"), paused: z.boolean() }),
  z.object({ type: z.literal("page"), request: z.number(), query: workspacesParams }),
  /** Show a workspace's kept log (build log, command output) in a read-only editor. */
  z.object({ type: z.literal("openLog"), step: z.string(), index: z.number() }),
  /** Fetch a workspace's whole build log from the deployment, and show it in a read-only editor. */
  z.object({ type: z.literal("openBuildLog"), step: z.string(), index: z.number() }),
  z.object({ type: z.literal("copy"), text: z.string().max(100_000) }),
]);
export type FromPanel = z.infer<typeof fromPanelSchema>;
