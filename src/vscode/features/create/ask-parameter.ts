import { checkParameter } from "../../../coder/parameters.ts";
import { type FormParameter, isSecret } from "../../../coder/secret-parameters.ts";
import { type Answer, BACK, type Inputs, type Place } from "../../ui/inputs.ts";
import { parameterQuestion } from "./parameters.ts";

/** Asks for a parameter's value, with `known`, an earlier answer, or the default filled in. */
export async function askParameter(
  inputs: Inputs,
  parameter: FormParameter,
  known: string | undefined,
  place: Place,
): Promise<Answer<string>> {
  const question = parameterQuestion(parameter, known);
  switch (question.kind) {
    case "choose":
      return inputs.choose({
        ...place,
        ...question,
        active: (value) => value === (known ?? parameter.default_value),
      });
    case "tick": {
      const { picked } = question;
      const answer = await inputs.chooseMany({
        ...place,
        ...question,
        picked: (value) => picked.includes(value),
      });
      // Coder takes several values as a list in JSON.
      return answer === undefined || answer === BACK ? answer : JSON.stringify(answer);
    }
    case "ask":
      return inputs.ask({ ...place, ...question });
  }
}

/** Whether it is asked for although a request starts by itself: nobody has kept its value, and there is no other. */
export function isAskedAgain(parameter: FormParameter): boolean {
  return isSecret(parameter) && parameter.required && checkParameter(parameter, "") !== undefined;
}
