import * as z from "zod";
import { type Arg, foreign, type Message } from "./message.ts";

const argSchema: z.ZodType<Arg, Arg> = z.union([z.string(), z.number(), z.lazy(() => plainSchema)]);

const plainSchema: z.ZodType<Message, Message> = z.object({
  id: z.string(),
  one: z.string().optional(),
  args: z.array(argSchema).optional(),
});

/** Versions before had English texts: they are shown as they are, as somebody else's. */
export const messageSchema: z.ZodType<Message, Message | string> = z.union([
  plainSchema,
  z.string().transform(foreign),
]);
