import { homedir } from "node:os";
import { describe, expect, it } from "vitest";
import { coderNetwork } from "../../../src/vscode/network/coder-settings.ts";
import { resolveNetwork, splitPem } from "../../../src/vscode/network/resolve.ts";

const HTTPS = "https://coder.example.com";
const nothing = { settings: {}, env: {}, certificates: [] };

describe("resolveNetwork", () => {
  it("is empty where nothing is set", () => expect(resolveNetwork(HTTPS, nothing)).toEqual({}));

  it("prefers the editor's proxy to the environment's", () => {
    const network = resolveNetwork(HTTPS, {
      ...nothing,
      settings: { proxy: "http://editor:3128", noProxy: ["a.example.com", ".internal"] },
      env: { HTTPS_PROXY: "http://env:3128", NO_PROXY: "b.example.com" },
    });
    expect(network).toEqual({ proxy: "http://editor:3128", noProxy: "a.example.com,.internal" });
  });

  it("takes the environment's proxy by the deployment's scheme, in either case", () => {
    const env = { https_proxy: "secure:1", HTTP_PROXY: "plain:2", no_proxy: "*.local" };
    expect(resolveNetwork(HTTPS, { ...nothing, env })).toEqual({
      proxy: "http://secure:1",
      noProxy: "*.local",
    });
    expect(resolveNetwork("http://coder.example.com", { ...nothing, env }).proxy).toBe("http://plain:2");
  });

  it("uses no proxy where the editor has them switched off", () => {
    const env = { HTTPS_PROXY: "http://env:3128" };
    expect(
      resolveNetwork(HTTPS, { ...nothing, env, settings: { proxySupport: "off", proxy: "http://x" } }),
    ).toEqual({});
  });

  it("hands the machine's certificates on", () => {
    expect(resolveNetwork(HTTPS, { ...nothing, certificates: ["pem"] })).toEqual({ ca: ["pem"] });
  });
});

describe("settings of Coder's own extension", () => {
  const unset = { tlsCertFile: "", tlsKeyFile: "", tlsCaFile: "", tlsAltHost: "", headerCommand: "" };
  const read = async (path: string) => `content of ${path}`;

  it("are nothing where they are not set", async () =>
    expect(await coderNetwork(HTTPS, unset, read)).toEqual({}));

  it("become certificates, a host name and headers, beside what this machine trusts", async () => {
    const all = {
      tlsCertFile: "~/cert.pem",
      tlsKeyFile: "/etc/key.pem",
      tlsCaFile: "/etc/ca.pem",
      tlsAltHost: "inner.example.com",
      headerCommand: "echo X-Url=$CODER_URL",
    };
    const coder = await coderNetwork(HTTPS, all, read);
    expect(resolveNetwork(HTTPS, { ...nothing, certificates: ["pem"], coder })).toEqual({
      ca: ["pem", "content of /etc/ca.pem"],
      clientCertificate: { cert: `content of ${homedir()}/cert.pem`, key: "content of /etc/key.pem" },
      serverName: "inner.example.com",
      headers: { "X-Url": HTTPS },
    });
  });

  it("that cannot be used are told by their name", async () => {
    const missing = async () => Promise.reject(new Error("no such file"));
    await expect(coderNetwork(HTTPS, { ...unset, tlsCaFile: "/x" }, missing)).rejects.toThrow(
      /coder\.tlsCaFile .*no such file/,
    );
    await expect(coderNetwork(HTTPS, { ...unset, headerCommand: "exit 4" }, read)).rejects.toThrow(
      /exit status 4/,
    );
  });
});

it("splits a bundle into its certificates and drops the rest", () => {
  const one = "-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----";
  const two = "-----BEGIN CERTIFICATE-----\nBBB\n-----END CERTIFICATE-----";
  expect(splitPem(`# a comment\n${one}\n\nnoise\n${two}\n`)).toEqual([one, two]);
  expect(splitPem("")).toEqual([]);
});
