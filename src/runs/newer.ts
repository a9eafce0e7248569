import { say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";

/** Of a run's folder. 2 has summary.json. What readers may ignore is no new version. */
export const RUN_VERSION = 2;

/** Whether a newer version made it: what its folder holds may mean something else. */
export function isNewer({ version }: { version?: number | undefined }): boolean {
  return version !== undefined && version > RUN_VERSION;
}

/** A newer version of this product made the run: this one can list it and stop it, and nothing else. */
export class NewerRun extends SaidError {
  override readonly name = "NewerRun";

  constructor({ product }: { product?: string | undefined }) {
    super(
      product
        ? say("made by a newer version ({0}) of this product; use that one for it", product)
        : say("made by a newer version of this product; use that one for it"),
    );
  }
}
