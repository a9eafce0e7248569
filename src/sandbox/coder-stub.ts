// Stands in for the `coder` command of a simulated deployment: only `ssh --stdio` works. Hundreds of these
// are started at once, so it imports nothing but node:http.
import { request } from "node:http";

/** Flags of the real command that take a value in the next argument. */
const WITH_VALUE = new Set(
  ["wait", "log-dir", "hostname-suffix", "network-info-dir", "network-info-interval", "usage-app"]
    .concat(["ssh-host-prefix", "identity-agent", "remote-forward", "workspace-poll-interval", "container"])
    .concat([
      "container-user",
      "url",
      "token",
      "header",
      "header-command",
      "global-config",
      "env",
      "e",
      "l",
      "R",
    ])
    .map((name) => (name.length === 1 ? `-${name}` : `--${name}`)),
);

function fail(problem: string): never {
  process.stderr.write(`coder (sandbox): ${problem.replace(/\s+/g, " ").trim()}\n`);
  process.exit(1);
}

/** The words that are no flags. */
function positional(args: string[]): string[] {
  const words: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    if (!arg.startsWith("-")) words.push(arg);
    else if (WITH_VALUE.has(arg)) at++;
  }
  return words;
}

const [command, target] = positional(process.argv.slice(2));
const { CODER_URL, CODER_SESSION_TOKEN } = process.env;
if (command !== "ssh" || !process.argv.includes("--stdio")) fail("only `ssh --stdio` is simulated");
if (!target) fail("ssh needs a workspace");
if (!CODER_URL || !CODER_SESSION_TOKEN) fail("CODER_URL and CODER_SESSION_TOKEN have to be set");

const asked = request(new URL(`/sandbox/ssh?workspace=${encodeURIComponent(target)}`, CODER_URL), {
  headers: { Connection: "Upgrade", Upgrade: "sandbox-ssh", "Coder-Session-Token": CODER_SESSION_TOKEN },
});
asked.on("upgrade", (_response, socket, head) => {
  if (head.length) process.stdout.write(head);
  socket.setNoDelay(true);
  process.stdin.pipe(socket);
  socket.pipe(process.stdout);
  socket.on("error", (error) => fail(error.message));
  socket.on("close", () => process.exit(0));
  process.stdout.on("error", () => socket.destroy());
});
asked.on("response", (response) => {
  let body = "";
  response.setEncoding("utf8");
  response.on("data", (chunk: string) => {
    body += chunk;
  });
  response.on("end", () => fail(`${response.statusCode} ${body}`));
});
asked.on("error", (error) => fail(error.message));
asked.end();
