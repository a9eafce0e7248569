import { beforeEach, describe, expect, it } from "vitest";
import { say } from "../../../src/text/message.ts";
import type { SignInResult } from "../../../src/vscode/model/deployments/probe.ts";
import { type SignInParts, signIn } from "../../../src/vscode/model/deployments/sign-in.ts";
import { DeploymentStore } from "../../../src/vscode/model/deployments/store.ts";
import { memory, type Scripted, scripted, secrets } from "./stand-ins.ts";

const URL = "https://coder.example.com";
const GOOD = "aaaaaaaaaa-bbbbbbbbbbbbbbbbbbbbbb";
const BAD = "cccccccccc-dddddddddddddddddddddd";

let vault: ReturnType<typeof secrets>;
let remembered: ReturnType<typeof memory>;
let store: DeploymentStore;
let opened: string[];

beforeEach(() => {
  vault = secrets();
  remembered = memory();
  store = new DeploymentStore(remembered, vault);
  opened = [];
});

async function probe(url: string, token: string): Promise<SignInResult> {
  if (url.includes("nowhere")) return { kind: "refused", field: "url", said: say("no answer") };
  if (token !== GOOD) return { kind: "refused", field: "token", said: say("token expired") };
  return {
    kind: "signed_in",
    isOwner: true,
    deployment: { url, username: "admin", version: "v2.26.1", sandbox: false },
  };
}

function parts(...script: Scripted[]): SignInParts & { inputs: ReturnType<typeof scripted> } {
  return {
    inputs: scripted(...script),
    store,
    probe,
    openExternal: (url) => opened.push(url),
    suggestedUrl: () => undefined,
    locate: async ({ origin }) => origin,
  };
}

describe("signing in", () => {
  it("opens the page that shows a token, checks the token and keeps it by origin", async () => {
    const deployment = await signIn(parts("coder.example.com/workspaces", ` ${GOOD} `));
    expect(deployment?.username).toBe("admin");
    expect(opened).toEqual([`${URL}/cli-auth`]);
    expect(store.list().map(({ url }) => url)).toEqual([URL]);
    expect([...vault.values]).toEqual([[`scaletest.token:${URL}`, GOOD]]);
  });

  it("asks for another token, with the deployment's reason, where it refuses one", async () => {
    const asking = parts(BAD, GOOD);
    await signIn(asking, { url: URL });
    expect(asking.inputs.asked[1]).toBe("token expired. Paste another token");
    expect(await store.token(URL)).toBe(GOOD);
  });

  it("goes back from the token to the address", async () => {
    const asking = parts("other.example.com", { back: true }, "coder.example.com", GOOD);
    await signIn(asking);
    expect(asking.inputs.initial[2]).toBe("https://other.example.com");
    expect(store.list()).toHaveLength(1);
  });

  it("keeps nothing where the person leaves, or the address does not answer", async () => {
    expect(await signIn(parts("coder.example.com", { leave: true }))).toBeUndefined();
    await expect(signIn(parts("nowhere.example.com", GOOD))).rejects.toThrow(
      "nowhere.example.com: no answer",
    );
    expect(store.list()).toEqual([]);
    expect(vault.values.size).toBe(0);
  });

  it("writes no token into what is not secret", async () => {
    await signIn(parts(), { url: URL, token: GOOD });
    expect(JSON.stringify([...remembered.values])).not.toContain(GOOD);
  });
});

describe("the store", () => {
  it("tells the same host by scheme and port apart", async () => {
    await signIn(parts(), { url: URL, token: GOOD });
    await signIn(parts(), { url: "https://coder.example.com:8443", token: GOOD });
    await store.remove(URL);
    expect(await store.token(URL)).toBeUndefined();
    expect(await store.token("https://coder.example.com:8443")).toBe(GOOD);
  });

  it("lists a deployment once, the last sign-in first", async () => {
    for (const url of [URL, "https://b.example.com", URL]) await signIn(parts(), { url, token: GOOD });
    expect(store.list().map(({ url }) => url)).toEqual([URL, "https://b.example.com"]);
  });
});
