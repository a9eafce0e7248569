import { expect, it } from "vitest";
import { CoderError } from "../../src/coder/errors.ts";
import { FrontHeaders, wantsHeaders } from "../../src/coder/front.ts";
import { say } from "../../src/text/message.ts";

function failure(status: number, inFront = true): CoderError {
  return new CoderError({ kind: "forbidden", route: "GET /", message: say("no"), status, inFront });
}

/** A gate that lets in whoever has the newest pass; the command prints it. */
function gated(printed?: () => string) {
  let pass = "1";
  let runs = 0;
  const network = {
    headers: { "X-Fixed": "f", "X-Pass": "1" },
    headerCommand: { command: "c", fixed: { "X-Fixed": "f" } },
  };
  const front = new FrontHeaders(network, "https://c", async () => {
    runs++;
    await Promise.resolve();
    return { "X-Pass": printed ? printed() : pass };
  });
  const enter = async (headers: Readonly<Record<string, string>>) => {
    await Promise.resolve();
    if (headers["X-Pass"] !== pass) throw failure(403);
    return headers;
  };
  const next = (value: string) => {
    pass = value;
  };
  return { front, enter, next, runs: () => runs };
}

it("runs the command again once for all that are refused together, and lets them through", async () => {
  const { front, enter, next, runs } = gated();
  next("2");
  const entered = await Promise.all(Array.from({ length: 50 }, () => front.through(enter)));
  expect(new Set(entered.map((headers) => headers["X-Pass"]))).toEqual(new Set(["2"]));
  expect(entered[0]).toEqual({ "X-Fixed": "f", "X-Pass": "2" });
  expect(runs()).toBe(1);
});

it("takes the newest headers without the command where they are newer than those refused", async () => {
  const { front, enter, next, runs } = gated();
  const old = front.current;
  next("2");
  await front.through(enter);
  expect(await front.renew(old)).toBe(true);
  expect(runs()).toBe(1);
});

it("tells the refusal where the command prints what was refused, or what is refused as well", async () => {
  const same = gated(() => "1");
  same.next("2");
  await expect(same.front.through(same.enter)).rejects.toThrow("no");
  const wrong = gated(() => "9");
  wrong.next("2");
  await expect(wrong.front.through(wrong.enter)).rejects.toThrow("no");
  expect([same.runs(), wrong.runs()]).toEqual([1, 1]);
});

it("tells the refusal where the command fails", async () => {
  const { front, enter, next } = gated(() => {
    throw new Error("secret");
  });
  next("2");
  await expect(front.through(enter)).rejects.toThrow("no");
});

it("leaves coderd's own refusals alone, and what other headers cannot mend", async () => {
  const { front, runs } = gated();
  const refuse = (error: Error) => front.through(() => Promise.reject(error));
  await expect(refuse(failure(403, false))).rejects.toThrow();
  await expect(refuse(failure(429))).rejects.toThrow();
  await expect(refuse(failure(502))).rejects.toThrow();
  await expect(refuse(new Error("lost"))).rejects.toThrow("lost");
  expect(runs()).toBe(0);
  expect([200, 302, 401, 403, 404, 407, 511].filter(wantsHeaders)).toHaveLength(7);
});
