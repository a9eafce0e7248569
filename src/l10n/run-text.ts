import { DESCRIPTION_WORDS } from "./description-texts.ts";
import { leftOfText } from "./left.ts";
import { type Translate, t, translator } from "./text.ts";

/**
 * What a run says of itself (stages, phases, states, events, warnings, causes) is English: it is written into the
 * run's folder, where scripts, the command line and windows in other languages read it. Whoever shows it looks it
 * up here. What is not known, such as a server's own error, stays as it is.
 */

/** Marks a text for the bundle without translating it. */
const said = (message: string): string => message;

/** Stages, phases, metrics, and what a workspace is doing. */
const WORDS = [
  said("Check"),
  said("Create and use"),
  said("Clean up"),
  said("Traffic"),
  said("Revoke tokens"),
  said("Stop and start"),
  said("Run the command"),
  said("Hold"),
  said("Run a program"),
  said("API"),
  said("queue"),
  said("provision"),
  said("agent"),
  said("startup script"),
  said("wait for SSH"),
  said("SSH"),
  said("first byte"),
  said("command"),
  said("delete"),
  said("token"),
  said("open"),
  said("nothing"),
  said("waiting for a place"),
  said("creating the user"),
  said("creating the workspace"),
  said("waiting for a provisioner daemon"),
  said("building"),
  said("waiting for the agent"),
  said("waiting for the agent, past its connection timeout"),
  said("ready"),
  said("done"),
  said("stopped"),
  said("failed"),
  said("running the command"),
  said("waiting for a place to connect by SSH"),
  said("connecting by SSH"),
  said("holding the SSH connection"),
  said("cleaning up"),
  said("gone"),
  said("left behind"),
  said("deleting"),
  said("deleting the workspace"),
  said("deleting the user"),
  said("cancelling the build"),
  said("getting a token"),
  said("waiting for the build that is under way"),
  said("asking for the stop"),
  said("waiting for a provisioner daemon to stop it"),
  said("stopping"),
  said("asking for the start"),
  said("holding"),
  said("running"),
  said("connections that send"),
  said("messages a second"),
  said("waiting for its turn"),
  said("connecting"),
  said("traffic"),
  said("revoking the token"),
  said("token revoked"),
  said("web terminal"),
  said("app"),
  said("no limit"),
  said("off"),
  said("cannot be read"),
  said("none online"),
  said("at a time"),
];

/** Checks before a run; one that warns is told as "label: figure; advice". */
const CHECK_LABELS = [
  said("Rate limit"),
  said("Licence seats"),
  said("Provisioner daemons"),
  said("Capacity by the docs' rules"),
  said("Ways into workspaces"),
  said("WebSockets"),
  said("Health, as the deployment sees it"),
  said("Open files"),
  said("Load comes from"),
  said("Sign-in"),
  said("Workspaces"),
  said("Checks"),
  said("Template"),
  said("Parameters"),
  said("Lifetime of tokens"),
  said("Your session"),
];

const PATTERNS = [
  said("{0} running, {1} connections"),
  said("{0} running"),
  said("{0} to stop and start"),
  said("program started: {0}"),
  said("program ended: {0}"),
  said("program ended with {0} after {1}"),
  said("1 workspace is stopped and not started again: {0}"),
  said("{0} workspaces are stopped and not started again: {1}"),
  said("Round trip {0}"),
  said("Time to ready {0}"),
  said("Reconnection {0}"),
  said("API {0}"),
  said("Queue {0}"),
  said("Provision {0}"),
  said("Agent {0}"),
  said("Startup script {0}"),
  said("Wait for SSH {0}"),
  said("SSH {0}"),
  said("First byte {0}"),
  said("Command {0}"),
  said("Delete {0}"),
  said("Failed workspaces"),
  said("Failed workspaces {0}"),
  said("Failure rate"),
  said("Failure rate {0}"),
  said("Achieved of offered"),
  said("Achieved of offered {0}"),
  said("Messages"),
  said("Messages {0}"),
  said("Messages missed"),
  said("Messages missed {0}"),
  said("Messages lost"),
  said("Messages lost {0}"),
  said("Messages wrong"),
  said("Messages wrong {0}"),
  // Runs of older versions.
  said("Ticks missed"),
  said("Ticks missed {0}"),
  said("Ticks lost"),
  said("Ticks lost {0}"),
  said("Ticks wrong"),
  said("Ticks wrong {0}"),
  said("Connections failed"),
  said("Connections failed {0}"),
  said("Connections dropped"),
  said("Connections dropped {0}"),
  said("{0} (prebuilt)"),
];

const EVENTS = [
  said("stop asked for"),
  said("stop asked for; what exists is kept"),
  said("stop asked for; clean-up waits for a sign-in"),
  said('signed in as "{0}"'),
  said('signed in again as "{0}"'),
  said('the run was begun by "{0}"'),
  said("goes on after {0}"),
  said(
    'the session of "{0}" on {1} has expired: what needs it waits for at most {2}; sign in again in the editor, or: coder-scaletest runs token {3}',
  ),
  said("the session has expired"),
  said("the session has expired, and nobody has signed in again within {0}"),
  said("{0}: the run ends"),
  said(
    "what needed the session waited {0} for a sign-in; of all times that are told, only the elapsed one has that in it",
  ),
  said("this second does not count: {0}"),
  said("threshold broken: {0}; the run ends by it"),
  said("somebody set this machine's clock forward by {0}; the run's own clock goes on"),
  said("somebody set this machine's clock back by {0}; the run's own clock goes on"),
  said("paused: nothing new is begun; what is under way goes on"),
  said("paused: nothing is sent, connections stay open, and the time does not count"),
  said("resumed"),
  said("internal error: {0}"),
  said("clean-up failed: {0}"),
  said('trying the template "{0}"'),
  said('preset "{0}" is applied'),
  said('preset "{0}" wins over the values that were given: {1}'),
  said("the template has no presets"),
  said('"{0}" is not used'),
  said("SSH goes by {0}"),
  said("our own tailnet nodes, through the deployment's relay"),
  said("found {0} workspaces and {1} users"),
  said("the journal names {0}"),
  said("{0} workspaces and {1} users have come since this was confirmed, and stay"),
  said("deleted without their resources, which may still exist and have to be removed by hand: {0}"),
  said("{0} connections to {1} workspaces, {2} messages/s × {3} each: {4} messages/s, {5} in all"),
  said("{0} connections to {1} workspaces, {2} message/s × {3} each: {4} messages/s, {5} in all"),
  said("{0} connections to {1} workspaces, {2} message/s × {3} each: {4} message/s, {5} in all"),
  said("{0} connections open; measured for {1}"),
  said("{0} connections open, {1} failed; measured for {2}"),
  said("metrics for Prometheus at port {0}"),
  said("dropped (code {0}) after {1}"),
  said("the run's journal cannot be written ({0}); nothing more is created"),
  said("the run's folder cannot be written ({0}); its record is incomplete"),
  said("the deployment could not be asked what is left: {0}"),
  said("a token that is about to end could not be renewed, and is tried again: {0}"),
  said(
    "{0} × agent not connected within its connection_timeout; the run waited for it until the job's own time limit",
  ),
  said("shard {0} died with {1} connections: {2}"),
  said("{0} of {1} workspaces are not running and are left out"),
  said("none of the {0} matching provisioner daemons is available right now"),
  said("Coder {0} is not a release; this tool is written for {1} and later"),
];

/** Why seconds do not count; and behind it, where it shows, what the machine was doing. */
const REASONS = [
  said("messages were sent up to {0} late (99th percentile), and {1} is allowed"),
  said("messages were sent up to {0} late (99th percentile), and {1} is allowed: {2}"),
  said("{0} messages were not sent, for this machine came too late for them"),
  said("{0} messages were not sent, for this machine came too late for them: {1}"),
  said("this tool itself was {0} late"),
  said("this tool itself was {0} late: {1}"),
  said("this tool itself was not heard of"),
  said("this tool itself was not heard of: {0}"),
  said("thread {0} of this tool was not heard of"),
  said("thread {0} of this tool was not heard of: {1}"),
  said("this machine slept for {0}"),
  said("this process was stopped for {0}"),
  said("the host of this machine took {0} of its CPU"),
  said("this machine's CPU was {0} busy, {1} with other programs"),
  said("this machine's CPU was {0} busy, {1} with this load"),
];

const CHECKS = [
  said("{0} requests a minute for each path"),
  said("{0} requests a minute for each path: creating {1} users waits at least {2}"),
  said(
    "the waiting is counted apart and fails nothing; CODER_API_RATE_LIMIT=-1 on the server turns the limit off",
  ),
  said("{0} of {1} taken, {2} needed"),
  said("at most {0} users can be added; lower --count, or pass --use-host-login"),
  said("how many builds run at once is not known"),
  said("start a provisioner daemon for the template's organization"),
  said("{0} online, {1} busy; build time not known yet"),
  said("{0} online, {1} busy: {2} builds of {3} take about {4}"),
  said("longer than --timeout {0}; raise it, or add daemons"),
  said("the last in the queue waits longer than --job-timeout {0}; raise it, or lower --concurrency"),
  said(
    "1 replica; for {0} active users coderd and its daemons should have {1} cores and {2} GB, the database {3} more",
  ),
  said(
    "{0} replicas; for {1} active users coderd and its daemons should have {2} cores and {3} GB, the database {4} more",
  ),
  said("the deployment's configuration cannot be read"),
  said("sign in as an owner"),
  said("browser only: SSH is not allowed"),
  said("browser only"),
  said("SSH and browser"),
  said("get through"),
  said("not tried: the deployment does not show the log of a job"),
  said("WebSocket upgrades are stripped on the way ({0})"),
  said(
    "let the proxy pass Upgrade and Connection on: web terminals and SSH cannot work, all else goes by plain requests",
  ),
  said("its own health page may tell more"),
  said("a deployment that is not well before a load will not be in it"),
  said("{0} allowed, about {1} needed"),
  said('run "ulimit -n {0}" first, then start this again'),
  said("{0}, a Coder workspace"),
  said("{0}, a Coder workspace of the deployment under test"),
  said("{0}, a container"),
  said(
    "it may be stopped in the middle; keep the run's id, and clean up from elsewhere with: coder-scaletest cleanup --run ID",
  ),
  said(
    "its folder of runs goes with it; keep the run's id, and clean up from elsewhere with: coder-scaletest cleanup --run ID",
  ),
  said("{0}, over SSH"),
  said("{0}, owner; Coder {1}"),
  said('preset "{0}": {1}'),
  said("at most {0}"),
  said("the run may take {0}"),
  said("the run has no time limit"),
  said("the run renews its users' tokens before they end"),
  said("ends in {0}"),
  said("ends in {0}, if it is not used"),
  said("the run waits for another sign-in then; begin with a token that lives longer"),
];

const CAUSES = [
  said("build failed: {0}"),
  said("build canceled by somebody else"),
  said("build never left the queue"),
  said("build did not finish"),
  said("stop never left the queue"),
  said("stop did not finish"),
  said("stop failed: {0}"),
  said("stop canceled by somebody else"),
  said("the workspace is gone"),
  said("program did not end in time"),
  said("program failed with {0}"),
  said("not created in time"),
  said("agent never connected"),
  said("startup script failed"),
  said('startup script failed (agent "{0}")'),
  said("startup script ran into its time limit"),
  said('startup script ran into its time limit (agent "{0}")'),
  said("startup script did not finish"),
  said("agent shut down"),
  said('agent shut down (agent "{0}")'),
  said("SSH: no connection"),
  said("SSH: connection ended while it was held"),
  said("{0}: connection dropped (code {1})"),
  said("{0}: connection dropped"),
  said("{0}: connection lost with its thread"),
  said("{0}: echoes missing"),
  said("{0}: echoes with wrong bytes"),
  said("{0}: bytes that were not sent"),
  said("{0}: nothing was sent"),
  said("{0}: not opened: {1}"),
  said("connection: not opened"),
  said("generator: the thread that held the connection died"),
  said("web terminal: silent for {0} after it was opened"),
  said("web terminal: connection lost before the command ended"),
  said("command did not end within {0}"),
  said("command did not end within {0}; allow more with --run-timeout, or in the step after the command"),
  said("command did not end"),
  said("command ended, and was expected to run into its time limit"),
  said("command failed with exit status {0}"),
  said("command did not print the expected text"),
  said("WebSocket upgrades are stripped on the way to the deployment"),
  said("delete failed: {0}"),
  said("timed out"),
  said("not begun when the run's time limit ran out"),
];

const OUTCOMES = [
  said("{0} succeeded, {1} failed"),
  said("{0} succeeded, {1} failed: {2}"),
  said("{0} succeeded, {1} stopped"),
  said("{0} succeeded, {1} failed, {2} stopped"),
  said("{0} succeeded, {1} failed, {2} stopped: {3}"),
  said("{0} left behind on the deployment"),
  said("what is left behind is not known, look with: {0}"),
  said("threshold broken: {0}, wanted {1}"),
  said("{0} thresholds broken: {1}, wanted {2}"),
  said("{0}, wanted {1}"),
  said("invalid: {0}"),
  said("nothing was made"),
  said("up to {0} left; delete them with: coder-scaletest runs clean {1}"),
  said("only {0} of {1} measured seconds count"),
  said("{0} stands otherwise without the seconds that do not count"),
  said("all failures were under way while this tool itself stood still or came late"),
  said("the first at {0}: {1}"),
  // Runs of older versions.
  said("generator saturated: {0} messages were not sent because this machine came too late for them"),
  said(
    "generator saturated: messages were sent up to {0} late (99th percentile) for {1} seconds in a row, and {2} is allowed",
  ),
];

/** Everything that is looked up by all of it, or by its form. */
export const RUN_TEXTS: readonly string[] = [
  ...WORDS,
  ...DESCRIPTION_WORDS,
  ...CHECK_LABELS,
  ...PATTERNS,
  ...EVENTS,
  ...REASONS,
  ...CHECKS,
  ...CAUSES,
  ...OUTCOMES,
];

interface Form {
  message: string;
  shape: RegExp;
}

const whole = new Set(RUN_TEXTS.filter((message) => !message.includes("{")));
let forms: readonly Form[] | undefined;
/** Texts come again and again, four times a second. */
const known = new Map<string, string>();
let knownBy: Translate | undefined;
const MOST_KNOWN = 2_000;

/** A text of a run, as the reader's language has it. */
export function runText(text: string): string {
  const by = translator();
  if (!by) return text;
  if (by !== knownBy) known.clear();
  knownBy = by;
  const found = known.get(text);
  if (found !== undefined) return found;
  const translated = ofCheck(text) ?? translatedWhole(text) ?? inParts(text) ?? text;
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(text, translated);
  return translated;
}

function translatedWhole(text: string): string | undefined {
  if (whole.has(text)) return t(text);
  forms ??= [...RUN_TEXTS]
    .filter((message) => message.includes("{"))
    // What says more is the better match: "a {0}, b {1}" before "a {0}".
    .sort((a, b) => places(b) - places(a) || literal(b).length - literal(a).length)
    .map((message) => ({ message, shape: shapeOf(message) }));
  for (const { message, shape } of forms) {
    const match = shape.exec(text);
    if (match) return t(message, ...match.slice(1).map(listText));
  }
  return undefined;
}

function ofCheck(text: string): string | undefined {
  const label = CHECK_LABELS.find((one) => text.startsWith(`${one}: `));
  return label === undefined ? undefined : `${t(label)}: ${runText(text.slice(label.length + 2))}`;
}

/** "12 succeeded, 1 failed; 3 left behind": each part is a text of its own. */
function inParts(text: string): string | undefined {
  const end = text.indexOf("; ");
  return end === -1 ? undefined : `${runText(text.slice(0, end))}; ${runText(text.slice(end + 2))}`;
}

/** A value is a figure, a name, a text that is known itself, or causes with their counts: "2 a, 1 b". */
function listText(value: string): string {
  const left = leftOfText(value);
  if (left !== undefined) return left;
  if (!/^\d+ \D/.test(value)) return runText(value);
  return value
    .split(/, (?=\d+ )/)
    .map((item) =>
      item.replace(/^(\d+) (.*)$/, (_, count: string, cause: string) => `${count} ${runText(cause)}`),
    )
    .join(", ");
}

function places(message: string): number {
  return message.split("{").length - 1;
}

function literal(message: string): string {
  return message.replace(/\{\d\}/g, "");
}

function shapeOf(message: string): RegExp {
  // No value goes on behind a semicolon: there, another text begins.
  const source = message.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{\d\}/g, "((?:(?!; ).)+?)");
  return new RegExp(`^${source}$`, "s");
}
