import { Command } from "commander";
import { forgetSession, keepSession, ownSessions } from "../app/sign-in/own-sessions.ts";
import { whoIsSignedIn } from "../app/sign-in/who.ts";
import { deploymentAt } from "../app/target/deployment-at.ts";
import { productHome } from "../runs/home.ts";
import { english } from "../text/message.ts";
import { type CommonFlags, deploymentFlags, quiet } from "./command.ts";
import { CliError, EXIT } from "./exit.ts";
import { addressOf, checkedToken, namedAddress, networkOf } from "./target.ts";
import { readToken } from "./token-input.ts";

/** `login [url]`: keeps a session for later commands. */
export function loginProgram(): Command {
  return deploymentFlags(quiet(new Command("login")))
    .description(
      "Keep a session token for later commands: asked for, or by $CODER_SESSION_TOKEN or standard input",
    )
    .argument("[url]", "the deployment")
    .action((url: string | undefined, flags: CommonFlags) => login(url, flags));
}

/** `logout [url]`: forgets it; the token itself stays good where the deployment knows it. */
export function logoutProgram(): Command {
  return quiet(new Command("logout"))
    .description(
      "Forget the session token that login has kept; the deployment still accepts it until it ends",
    )
    .argument("[url]", "the deployment; not needed where there is only one")
    .action((url: string | undefined) => logout(url));
}

async function login(url: string | undefined, flags: CommonFlags): Promise<void> {
  const address = await namedAddress(url === undefined ? flags : { ...flags, url });
  const network = await networkOf(address);
  const deployment = await deploymentAt(address, network);
  const token = flags.token ? checkedToken(flags.token) : await readToken(`${deployment}/cli-auth`);
  const answer = await whoIsSignedIn({ url: deployment, token, network });
  if (answer.kind === "refused") throw new CliError(english(answer.said), EXIT.refused);
  const { username } = answer.deployment;
  await keepSession(productHome(), { url: deployment, token, username });
  const role = answer.isOwner ? "an owner" : "not an owner: most scale tests need one";
  process.stdout.write(`logged in to ${deployment} as ${username}, ${role}\n`);
}

async function logout(url: string | undefined): Promise<void> {
  const home = productHome();
  const origin = url === undefined ? await onlyOne(home) : addressOf(url, "the address").origin;
  if (!(await forgetSession(home, origin))) throw new CliError(`not logged in to ${origin}`, EXIT.usage);
  process.stdout.write(`logged out of ${origin}\n`);
}

async function onlyOne(home: string): Promise<string> {
  const [only, ...others] = await ownSessions(home);
  if (!only) throw new CliError("not logged in to any deployment", EXIT.usage);
  if (others.length > 0) {
    const there = [only, ...others].map(({ url }) => url).join(", ");
    throw new CliError(`which deployment? you are logged in to ${there}`, EXIT.usage);
  }
  return new URL(only.url).origin;
}
