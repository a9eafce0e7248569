import { addCompletion } from "./completion.ts";
import { exitCodeOf, tell } from "./errors.ts";
import { EXIT } from "./exit.ts";
import { watchOutputStreams } from "./output-streams.ts";
import { programFor } from "./program.ts";

async function main(argv: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.passed;
  const program = programFor((code) => {
    exitCode = code;
  });
  await addCompletion(program, argv);
  await program.parseAsync([...argv]);
  return exitCode;
}

watchOutputStreams();
main(process.argv).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    tell(error);
    process.exitCode = exitCodeOf(error);
  },
);
