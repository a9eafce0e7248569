import { describe } from "vitest";
import { killedAt, MOMENTS } from "../faults/hundred.ts";

describe("a runner that is killed at any moment", () => {
  killedAt(MOMENTS.slice(5));
});
