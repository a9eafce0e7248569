import { t } from "../../l10n/text.ts";
import type { ScaleTestApi } from "../features/api/types.ts";
import { messageOf } from "../host.ts";
import type { SignInRequest } from "../ids.ts";
import type { KnownDeployment } from "../model/deployments/store.ts";

/** What the front itself asks of the features. */
export interface Features {
  api: ScaleTestApi;
  /** Resolves with undefined where the person left. */
  signIn(request: SignInRequest): Promise<KnownDeployment | undefined>;
}

/** Loads the features once, when somebody first needs one of them. */
export class Loader {
  readonly #load: () => Promise<Features>;
  #features: Promise<Features> | undefined;

  constructor(load: () => Promise<Features>) {
    this.#load = load;
  }

  /** Rejects with one sentence where they cannot be loaded, each time. */
  need(): Promise<Features> {
    this.#features ??= this.#load().catch((error: unknown) => {
      throw new Error(
        t("Scale Test could not be loaded ({0}). Reload the window to try again.", messageOf(error)),
        { cause: error },
      );
    });
    return this.#features;
  }
}
