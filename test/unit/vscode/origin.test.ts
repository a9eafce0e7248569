import { describe, expect, it } from "vitest";
import { originOf, tokenProblem } from "../../../src/vscode/model/deployments/origin.ts";

describe("originOf", () => {
  it.each([
    ["coder.example.com", "https://coder.example.com"],
    ["  https://coder.example.com/templates?x=1#y ", "https://coder.example.com"],
    ["http://coder.example.com:8080/", "http://coder.example.com:8080"],
    ["https://coder.example.com:443", "https://coder.example.com"],
    ["localhost:3000", "http://localhost:3000"],
    ["127.0.0.1:3000/login", "http://127.0.0.1:3000"],
    ["[::1]:3000", "http://[::1]:3000"],
  ])("reads %j as %s", (typed, origin) => expect(originOf(typed)).toBe(origin));

  it.each(["", "   ", "ftp://coder.example.com", "https://", "https://user:secret@coder.example.com", "a b"])(
    "takes %j for no address",
    (typed) => expect(originOf(typed)).toBeUndefined(),
  );
});

describe("tokenProblem", () => {
  it("takes a token with blanks around it", () =>
    expect(tokenProblem(" abcdefghij-0123456789abcdefghijkl\n")).toBeUndefined());
  it.each(["", "two words", "https://coder.example.com", "abcdefghij"])("refuses %j", (token) => {
    expect(tokenProblem(token)).toEqual(expect.any(String));
  });
});
