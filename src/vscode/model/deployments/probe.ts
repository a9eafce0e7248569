import { type SignedIn, whoIsSignedIn } from "../../../app/sign-in/who.ts";
import type { Target } from "../../../protocol/target.ts";

export type SignInResult = SignedIn;

/** Asks the deployment who it is and who the token's user is. Expected failures are values. */
export function probeDeployment(target: Target): Promise<SignInResult> {
  return whoIsSignedIn(target);
}
