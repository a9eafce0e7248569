import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { sodiumReady } from "../../../src/tailnet/crypto/sodium.ts";
import { DerpFrame, DerpReader, encodeDerpFrame } from "../../../src/tailnet/derp/frame.ts";
import { relayAddresses, usableRegions } from "../../../src/tailnet/derp/map.ts";
import type { DerpRegion } from "../../../src/tailnet/proto/messages.ts";
import "./effort.ts";

beforeAll(() => sodiumReady());

describe("a relay's frames", () => {
  test("come out as they went in, whatever the pieces", () => {
    const frame = fc.record({
      type: fc.integer({ min: 0, max: 255 }),
      body: fc.uint8Array({ maxLength: 3_000 }),
    });
    const cut = fc.integer({ min: 1, max: 5_000 });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 20 }), fc.array(cut, { minLength: 1 }), (frames, cuts) => {
        const whole = Buffer.concat(frames.map(({ type, body }) => encodeDerpFrame(type, body)));
        const reader = new DerpReader();
        const got: { type: number; body: string }[] = [];
        for (let at = 0, turn = 0; at < whole.length; turn++) {
          const size = cuts[turn % cuts.length] ?? 1;
          reader.push(whole.subarray(at, at + size), (type, body) =>
            got.push({ type, body: body.toString("hex") }),
          );
          at += size;
        }
        const sent = frames.map(({ type, body }) => ({ type, body: Buffer.from(body).toString("hex") }));
        expect(got).toEqual(sent);
      }),
    );
  });

  test("one that is too long is refused by its header", () => {
    const header = Buffer.from([DerpFrame.received, 0x7f, 0xff, 0xff, 0xff]);
    expect(() => new DerpReader().push(header, () => undefined)).toThrow(/a frame of 2147483647 bytes/);
  });
});

describe("where a region's relay is", () => {
  const access = {
    url: "https://coder.example.com",
    headers: { "x-proxy": "1" },
    credentials: { "coder-session-token": "secret" },
    tls: { ca: ["CA"], cert: "C", key: "K" },
  };
  const region = (parts: Partial<DerpRegion>): DerpRegion => ({
    id: 1,
    code: "",
    name: "",
    embeddedRelay: false,
    avoid: false,
    nodes: [],
    ...parts,
  });
  const node = { name: "1a", host: "derp.example.net", port: 0, stunOnly: false, forceHttp: false };

  test("the embedded one is where the user reaches the deployment, with its headers and no credential", () => {
    const nodes = [{ ...node, host: "10.0.0.7", port: 3000, forceHttp: true }];
    expect(relayAddresses(region({ embeddedRelay: true, nodes }), access)).toEqual([
      { url: "https://coder.example.com/derp", headers: { "x-proxy": "1" }, tls: access.tls },
    ]);
  });

  test("another one is where the map says, and gets neither headers nor client certificate", () => {
    const nodes = [
      node,
      { ...node, stunOnly: true },
      { ...node, host: "fd00::1", port: 8443 },
      { ...node, port: 8080, forceHttp: true },
    ];
    expect(relayAddresses(region({ nodes }), access)).toEqual([
      { url: "https://derp.example.net:443/derp", headers: {}, tls: { ca: ["CA"] } },
      { url: "https://[fd00::1]:8443/derp", headers: {}, tls: { ca: ["CA"] } },
      { url: "http://derp.example.net:8080/derp", headers: {}, tls: { ca: ["CA"] } },
    ]);
  });

  test("those of workspace proxies are behind what the deployment is behind, under names of their own", () => {
    const headers = { value: { "x-proxy": "1" } };
    const gated = {
      ...access,
      tls: { ...access.tls, servername: "coder.example.com" },
      get headers() {
        return headers.value;
      },
    };
    const [relay] = relayAddresses(region({ code: "coder_paris", nodes: [node] }), gated);
    expect(relay).toEqual({
      url: "https://derp.example.net:443/derp",
      headers: { "x-proxy": "1" },
      tls: { ca: ["CA"], cert: "C", key: "K" },
    });
    headers.value = { "x-proxy": "2" };
    expect(relay?.headers).toEqual({ "x-proxy": "2" });
  });

  test("regions that cannot relay are no choice, the ones to avoid come last", () => {
    const map = new Map([
      [1, region({ id: 1, nodes: [{ ...node, stunOnly: true }] })],
      [2, region({ id: 2, avoid: true, nodes: [node] })],
      [3, region({ id: 3, nodes: [node] })],
    ]);
    expect(usableRegions(map, access).map((one) => one.id)).toEqual([3, 2]);
  });
});
