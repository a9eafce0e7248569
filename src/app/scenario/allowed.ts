import type { Scenario, Step } from "../../scenario/model.ts";
import { AddressError, readAddress } from "../target/address.ts";

/**
 * A file, which may be anybody's, does not choose who gets the session: the person who runs it does. The origin that it is meant
 * for, where that is another than the session's; undefined where it may run.
 */
export function meantForOther(
  { deployment }: Pick<Scenario, "deployment">,
  origin: string,
): string | undefined {
  const wanted = meantFor({ deployment });
  return wanted === undefined || wanted === origin ? undefined : wanted;
}

/** The origin of the deployment that the file names, as far as it can be read; undefined where it names none. */
export function meantFor({ deployment }: Pick<Scenario, "deployment">): string | undefined {
  if (!deployment) return undefined;
  try {
    return readAddress(deployment.url).origin;
  } catch (error) {
    if (error instanceof AddressError) return deployment.url;
    throw error;
  }
}

/** Steps that delete what other runs have left on the deployment, which a person has to allow. */
export function removingSteps({ steps }: Pick<Scenario, "steps">): Step[] {
  return steps.filter(({ workload }) => workload.removes);
}

/** Steps that run a program on this machine, with what it is; a person has to have seen and allowed it. */
export function programSteps({ steps }: Pick<Scenario, "steps">): { step: Step; program: string }[] {
  return steps.flatMap((step) => {
    const program = step.checked?.program;
    return program === undefined ? [] : [{ step, program }];
  });
}
