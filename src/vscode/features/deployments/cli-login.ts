import { readCoderLogin } from "../../../app/sign-in/coder-login.ts";
import { originOf } from "../../model/deployments/origin.ts";

export interface CliLogin {
  url: string;
  token: string;
}

/** What `coder login` has kept; undefined where there is none that can be read. Read when a person asks for it only. */
export async function readCliLogin(
  env: NodeJS.ProcessEnv = process.env,
  platform: string = process.platform,
): Promise<CliLogin | undefined> {
  const login = await readCoderLogin({ env, platform });
  const url = login && originOf(login.url);
  return login?.kind === "session" && url ? { url, token: login.token } : undefined;
}
