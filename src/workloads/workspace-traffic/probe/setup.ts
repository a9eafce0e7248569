import * as z from "zod";
import { targetSchema } from "../../../protocol/target.ts";

/** The name of this kind of probe. */
export const ECHO = "echo";

/** How traffic reaches a workspace. */
const kindSchema = z.enum(["pty", "ssh", "app"]);
export type Kind = z.infer<typeof kindSchema>;
export const KINDS: readonly Kind[] = kindSchema.options;

const sshSchema = z.discriminatedUnion("via", [
  z.object({ via: z.literal("native"), connectionsPerNode: z.number() }),
  z.object({
    via: z.literal("cli"),
    command: z.array(z.string()),
    mode: z.enum(["derp", "direct"]),
    folder: z.string(),
    maxProcesses: z.number(),
  }),
]);
export type SshSetup = z.infer<typeof sshSchema>;

/** What the echoes of one place are told. */
export const echoSetupSchema = z.object({
  /** Its token is the session's; most connections have one of their own. */
  target: targetSchema,
  /** Bytes of a tick. */
  bytes: z.number(),
  /** How terminals echo: see the option. */
  echo: z.enum(["raw", "tty"]),
  seed: z.number(),
  openTimeoutMs: z.number(),
  /** WebSockets were found not to get through to the deployment. */
  upgradesStripped: z.boolean(),
  ssh: sshSchema.optional(),
});
export type EchoSetup = z.infer<typeof echoSetupSchema>;

const dialTargetSchema = z.object({
  owner: z.string(),
  workspace: z.string(),
  agent: z.string(),
  agentId: z.string(),
  token: z.string(),
});

/** Where a connection goes. */
export const addressSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.enum(["pty", "app"]), url: z.string(), token: z.string() }),
  z.object({ kind: z.literal("ssh"), target: dialTargetSchema }),
]);
export type Address = z.infer<typeof addressSchema>;

/** The coder client's SessionNews. */
export const sessionNewsSchema = z.object({
  token: z.string(),
  state: z.enum(["accepted", "expired", "lost"]),
  replaced: z.object({ former: z.string(), next: z.string() }).exactOptional(),
});
