import { beforeEach, describe, expect, it, vi } from "vitest";

/** What a person has set, by the whole key. */
const set = vi.hoisted(() => new Map<string, unknown>());
vi.mock("vscode", () => ({
  workspace: {
    getConfiguration: (section = "") => ({
      get: (key: string) => set.get([section, key].filter(Boolean).join(".")),
    }),
  },
}));
const { coderExtensionUrl, networkSettings, settings } = await import("../../../src/vscode/settings.ts");

beforeEach(() => set.clear());

describe("settings", () => {
  it("are their defaults where nobody has set them", () => {
    expect(settings.home()).toBe("");
    expect(settings.coderCli()).toBe("");
    expect(settings.thresholds()).toEqual([]);
    expect(settings.limits()).toEqual({});
    expect(coderExtensionUrl()).toBeUndefined();
  });

  it("are read anew each time", () => {
    set.set("scaletest.home", " /data ").set("scaletest.thresholds", ["failures<1%"]);
    set.set("scaletest.limits.count", 5).set("scaletest.limits.connections", null);
    expect(settings.home()).toBe("/data");
    expect(settings.thresholds()).toEqual(["failures<1%"]);
    expect(settings.limits()).toEqual({ workspaces: 5 });
    set.set("scaletest.limits.connections", 7).set("scaletest.limits.rate", 9);
    expect(settings.limits()).toEqual({ workspaces: 5, connections: 7, bytesPerSecond: 9 });
  });

  it("of the editor and of Coder's extension say how a deployment is reached", () => {
    set.set("http.proxy", "http://proxy:3128").set("http.noProxy", ["a"]).set("http.proxySupport", "on");
    set.set("coder.tlsCertFile", " /cert ").set("coder.tlsKeyFile", "/key").set("coder.tlsCaFile", "/ca");
    set.set("coder.tlsAltHost", "host").set("coder.headerCommand", "cmd");
    set.set("coder.defaultUrl", "https://coder.example.com");
    expect(networkSettings()).toEqual({
      http: { proxy: "http://proxy:3128", noProxy: ["a"], proxySupport: "on" },
      coder: {
        tlsCertFile: "/cert",
        tlsKeyFile: "/key",
        tlsCaFile: "/ca",
        tlsAltHost: "host",
        headerCommand: "cmd",
      },
    });
    expect(coderExtensionUrl()).toBe("https://coder.example.com");
  });
});
