/** Commands that start no run and follow none. */
const HERE = [
  ...["sandbox", "plan", "validate", "presets", "dashboard", "preflight"],
  ...["login", "logout", "deployments", "completion", "complete"],
  ...["help", "-h", "--help", "-V", "--version"],
];
/** Of `runs`, those that do. */
const RUNS_FOLLOWED = ["watch", "resume", "clean"];

/**
 * Whether a command is done by the process that was called, as one that certainly follows no run: it would start a worker
 * for nothing.
 */
export function isDoneHere([command, ...more]: readonly string[]): boolean {
  if (command === "runs") return !more.some((word) => RUNS_FOLLOWED.includes(word));
  return command === undefined || HERE.includes(command);
}
