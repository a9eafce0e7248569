import path from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer } from "vitest/node";

/** By the begin of their path in test/: small files that take a minute, and then all that wait for processes. */
const MINUTES = ["limit", "examples", "traffic", "saturated", "what-breaks-first"];
const LONG = [...MINUTES.map((name) => `integration/${name}`), "faults", "integration"];

/**
 * Starts what takes long first, and spreads the short files evenly among it: each short one needs this process, too, which
 * has nothing to do for a long one.
 */
class LongFirst extends BaseSequencer {
  async sort(files) {
    const place = ({ moduleId }) => {
      const own = path.relative("test", moduleId).replaceAll(path.sep, "/");
      return LONG.findIndex((begin) => own.startsWith(begin));
    };
    const sorted = await super.sort(files);
    const long = sorted.filter((file) => place(file) >= 0).sort((a, b) => place(a) - place(b));
    const short = sorted.filter((file) => place(file) < 0);
    const each = Math.ceil(short.length / Math.max(1, long.length));
    const spread = long.flatMap((file) => [file, ...short.splice(0, each)]);
    return [...spread, ...short];
  }
}

const config = defineConfig({
  test: {
    include: ["test/{unit,compat,contract,integration,webview,ui,faults,long}/**/*.test.ts"],
    // Tests wait for conditions; the limit is for those that never come, on a machine as busy as it may be.
    testTimeout: 180_000,
    hookTimeout: 60_000,
    // Two cores: more workers only make each other late.
    maxWorkers: 2,
    sequence: { sequencer: LongFirst },
  },
});
export default config;
