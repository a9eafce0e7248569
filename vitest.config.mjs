import path from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer } from "vitest/node";

/** Folders of test/ whose files take long because they wait for processes, and then those that only work. */
const ORDER = ["faults", "integration", "contract", "compat", "unit"];

/** Starts what takes long first, so that short files fill the time beside the last of them. */
class LongFirst extends BaseSequencer {
  async sort(files) {
    const place = ({ moduleId }) => ORDER.indexOf(path.relative("test", moduleId).split(path.sep)[0]);
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
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
