import * as z from "zod";
import type { Port } from "./port.ts";
import { FIRST_QUERY, tableQuerySchema } from "./workspaces/query.ts";

/** What is not of its shape, as another version may have left it, is as if it had never been kept. */
const keptSchema = z
  .looseObject({
    /** Tells the editor which run to show after a reload. */
    runId: z.string().optional().catch(undefined),
    /** Of a run of several steps, the one that is shown. */
    step: z.string().optional().catch(undefined),
    /** Of the tabs below the charts, the one that somebody has chosen. */
    tab: z.string().optional().catch(undefined),
    query: tableQuerySchema.catch(FIRST_QUERY),
    zoom: z
      .union([z.object({ min: z.number(), max: z.number() }), z.object({ last: z.number() })])
      .optional()
      .catch(undefined),
    /** The workspace whose details are open. */
    chosen: z
      .object({ position: z.number().int().min(0), name: z.string() })
      .optional()
      .catch(undefined),
    scrollY: z.number().optional().catch(undefined),
  })
  .catch({ query: FIRST_QUERY });
export type Kept = z.output<typeof keptSchema>;

/** How a person has set the panel up; the editor keeps it while the panel is hidden or the window reloads. */
export class Keeper {
  readonly #port: Port;
  readonly first: Kept;
  #kept: Kept;

  constructor(port: Port) {
    this.#port = port;
    this.first = keptSchema.parse(port.getState() ?? {});
    this.#kept = this.first;
  }

  keep(change: Partial<Kept>): void {
    this.#kept = { ...this.#kept, ...change };
    this.#port.setState(this.#kept);
  }
}
