import { type OwnDescription, state } from "../contract/describe.ts";

/** What a run says about itself that only deletes. */
export const DELETION: OwnDescription = {
  states: [state("deleting", "being deleted", "busy", "orange", "trash")],
  phases: [{ name: "delete", label: "delete" }],
  cards: ["progress", "existing", "api", "generator"],
};
