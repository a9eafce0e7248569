import { homedir } from "node:os";
import { generate } from "selfsigned";
import { beforeAll, describe, expect, it } from "vitest";
import { NetworkError, type NetworkSources, networkTo } from "../../../src/app/target/network.ts";

const HTTPS = "https://coder.example.com";
const nothing: NetworkSources = { env: {}, certificates: () => [] };
const unset = { tlsCertFile: "", tlsKeyFile: "", tlsCaFile: "", tlsAltHost: "", headerCommand: "" };

let pair: { cert: string; private: string };
beforeAll(async () => {
  pair = await generate([{ name: "commonName", value: "test" }], { keyType: "ec", algorithm: "sha256" });
});
const files: Record<string, () => string> = {
  "/cert.pem": () => pair.cert,
  [`${homedir()}/cert.pem`]: () => pair.cert,
  "/key.pem": () => pair.private,
  "/ca.pem": () => pair.cert,
};
const readText = async (path: string) => {
  const text = files[path];
  if (!text) throw new Error("no such file");
  return text();
};

describe("the way to a deployment", () => {
  it("is straight where nothing is set", async () => expect(await networkTo(HTTPS, nothing)).toEqual({}));

  it("goes by the editor's proxy rather than the environment's", async () => {
    const network = await networkTo(HTTPS, {
      ...nothing,
      settings: { http: { proxy: "http://editor:3128", noProxy: ["a.example.com", ".internal"] } },
      env: { HTTPS_PROXY: "http://env:3128", NO_PROXY: "b.example.com" },
    });
    expect(network).toEqual({ proxy: "http://editor:3128", noProxy: "a.example.com,.internal" });
  });

  it("goes by the environment's proxy for the deployment's scheme, in either case", async () => {
    const env = { https_proxy: "secure:1", HTTP_PROXY: "plain:2", no_proxy: "*.local" };
    expect(await networkTo(HTTPS, { ...nothing, env })).toEqual({
      proxy: "http://secure:1",
      noProxy: "*.local",
    });
    expect((await networkTo("http://coder.example.com", { ...nothing, env })).proxy).toBe("http://plain:2");
  });

  it("uses no proxy where the editor has them switched off", async () => {
    const env = { HTTPS_PROXY: "http://env:3128" };
    const settings = { http: { proxySupport: "off", proxy: "http://x" } };
    expect(await networkTo(HTTPS, { ...nothing, env, settings })).toEqual({});
  });

  it.each([
    "http://localhost:3000",
    "https://localhost",
    "http://127.0.0.1:3000",
    "http://127.9.9.9",
    "http://[::1]:3000",
    "http://[::ffff:127.0.0.1]:3000",
  ])("never takes a proxy to %s, which is this machine", async (url) => {
    const env = { HTTPS_PROXY: "http://p:1", HTTP_PROXY: "http://p:1", ALL_PROXY: "http://p:1" };
    expect((await networkTo(url, { ...nothing, env })).proxy).toBeUndefined();
    const settings = { http: { proxy: "http://p:1" } };
    expect((await networkTo(url, { ...nothing, settings })).proxy).toBeUndefined();
  });

  it("hands on the certificates of machine, environment and settings, for https only", async () => {
    const sources: NetworkSources = {
      env: { NODE_EXTRA_CA_CERTS: "/ca.pem", SSL_CERT_FILE: "/cert.pem" },
      settings: { coder: { ...unset, tlsCaFile: "/ca.pem" } },
      certificates: () => [pair.cert],
      readText,
    };
    expect((await networkTo(HTTPS, sources)).ca).toEqual([pair.cert, pair.cert, pair.cert]);
    expect(await networkTo("http://coder.example.com", sources)).toEqual({});
  });

  it("goes by Coder's settings: client certificate, name of the certificate, headers and their command", async () => {
    const coder = {
      ...unset,
      tlsCertFile: "~/cert.pem",
      tlsKeyFile: "/key.pem",
      tlsAltHost: "inner.example.com",
      headerCommand: "echo X-Url=$CODER_URL",
    };
    const env = {
      CODER_HEADER: "X-Fixed=1",
      CODER_HEADER_COMMAND: "exit 1",
      CODER_SCALETEST_TLS_CERT_FILE: "/other",
    };
    expect(await networkTo(HTTPS, { ...nothing, env, settings: { coder }, readText })).toEqual({
      clientCertificate: { cert: pair.cert, key: pair.private },
      serverName: "inner.example.com",
      headers: { "X-Fixed": "1", "X-Url": HTTPS },
      headerCommand: { command: "echo X-Url=$CODER_URL", fixed: { "X-Fixed": "1" } },
    });
  });

  it.each([
    [{ env: { NODE_EXTRA_CA_CERTS: "/nowhere" } }, /\/nowhere cannot be read .*NODE_EXTRA_CA_CERTS/],
    [{ settings: { coder: { ...unset, tlsCaFile: "/nowhere" } } }, /cannot be read .*coder\.tlsCaFile/],
    [{ settings: { coder: { ...unset, tlsCertFile: "/cert.pem" } } }, /coder\.tlsKeyFile go together/],
    [{ env: { CODER_SCALETEST_TLS_KEY_FILE: "/key.pem" } }, /TLS_KEY_FILE go together/],
    [
      { settings: { coder: { ...unset, tlsCertFile: "/key.pem", tlsKeyFile: "/key.pem" } } },
      /client certificate cannot be used/,
    ],
    [{ settings: { coder: { ...unset, headerCommand: "exit 4" } } }, /exit status 4/],
    [{ env: { HTTPS_PROXY: "socks5://p:1" } }, /HTTPS_PROXY names a SOCKS proxy/],
    [{ settings: { http: { proxy: "ftp://p" } } }, /the setting http\.proxy is not the address/],
  ])("%j is refused in one line that names it", async (sources: Partial<NetworkSources>, message) => {
    const refused = networkTo(HTTPS, { ...nothing, readText, ...sources });
    await expect(refused).rejects.toThrow(NetworkError);
    await expect(refused).rejects.toThrow(message);
  });
});
