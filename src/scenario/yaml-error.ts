import { foreign, type Message, say } from "../text/message.ts";
import { reference } from "./variables.ts";

/** The sentence for a syntax error. With `perLine`, further errors of the same line only follow from it. */
export interface YamlProblem {
  said: Message;
  perLine: boolean;
}

/** In our words, as far as it is a mistake that people make; `line` is the line of the file that it is on. */
export function yamlProblem(code: string, line: string, message: string): YamlProblem {
  if (code === "MULTIPLE_DOCS") return once(say("a file has one scenario; take what begins with --- out"));
  if (/^\s*-\s*[>|]\s*\S/.test(line))
    return { said: say("a line that begins with > or | has to be quoted"), perLine: true };
  if (/[{[,]\s*\S*:?\s*\$\{/.test(line)) {
    const said = say("a variable inside { } or [ ] has to be quoted: {0}", `"${reference("NAME")}"`);
    return { said, perLine: true };
  }
  if (code === "TAB_AS_INDENT") return once(say("indent with spaces, not with a tab"));
  if (code === "BLOCK_AS_IMPLICIT_KEY" || code === "MULTILINE_IMPLICIT_KEY")
    return once(say("a text with a colon and a blank has to be quoted, and a key stands on one line"));
  return once(say("this is no YAML: {0}", foreign(message)));
}

function once(said: Message): YamlProblem {
  return { said, perLine: false };
}
