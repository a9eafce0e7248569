import { randomBytes } from "node:crypto";
import sodium from "libsodium-wrappers-sumo";
import { beforeAll, expect, test } from "vitest";
import { answerDisco, isDisco } from "../../../src/sandbox/tailnet/disco.ts";
import { answerTsmp } from "../../../src/sandbox/tailnet/tsmp.ts";

beforeAll(() => sodium.ready);

const MAGIC = Buffer.from("5453f09f92ac", "hex");

test("a disco ping is answered with its own id, sealed for who asked", () => {
  const [agent, client] = [sodium.crypto_box_keypair(), sodium.crypto_box_keypair()];
  const id = randomBytes(12);
  const nonce = randomBytes(24);
  const seal = (plain: Buffer) =>
    Buffer.concat([
      MAGIC,
      client.publicKey,
      nonce,
      sodium.crypto_box_easy(plain, nonce, agent.publicKey, client.privateKey),
    ]);
  const ping = seal(Buffer.concat([Buffer.from([1, 0]), id, client.publicKey]));
  expect(isDisco(ping)).toBe(true);
  const answer = answerDisco(ping, agent, 999);
  if (!answer) throw new Error("no answer");
  expect(answer.subarray(0, 6)).toEqual(MAGIC);
  expect(answer.subarray(6, 38)).toEqual(Buffer.from(agent.publicKey));
  const pong = Buffer.from(
    sodium.crypto_box_open_easy(
      answer.subarray(62),
      answer.subarray(38, 62),
      agent.publicKey,
      client.privateKey,
    ),
  );
  expect(pong.subarray(0, 14)).toEqual(Buffer.concat([Buffer.from([2, 0]), id]));
  expect(pong.readUInt16BE(30)).toBe(999);
  // Something else than a ping, and what nobody sealed.
  expect(answerDisco(seal(Buffer.concat([Buffer.from([3, 0]), id])), agent, 999)).toBeUndefined();
  expect(answerDisco(Buffer.concat([MAGIC, randomBytes(120)]), agent, 999)).toBeUndefined();
});

test("a TSMP ping is answered with its own data, the addresses turned round", () => {
  const [source, destination] = [randomBytes(16), randomBytes(16)];
  const data = randomBytes(8);
  const ping = Buffer.concat([
    Buffer.from([0x60, 0, 0, 0, 0, 9, 99, 64]),
    source,
    destination,
    Buffer.from([0x70]),
    data,
  ]);
  const pong = answerTsmp(ping, source.toString("hex"));
  expect(pong).toEqual(
    Buffer.concat([
      Buffer.from([0x60, 0, 0, 0, 0, 11, 99, 64]),
      destination,
      source,
      Buffer.from([0x6f]),
      data,
      Buffer.alloc(2),
    ]),
  );
  expect(answerTsmp(ping, destination.toString("hex"))).toBeUndefined();
  expect(answerTsmp(ping.subarray(0, 45), source.toString("hex"))).toBeUndefined();
});
