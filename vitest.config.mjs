import { defineConfig } from "vitest/config";

const config = defineConfig({
  test: {
    include: ["test/{unit,compat,contract,integration,webview,ui,faults,long}/**/*.test.ts"],
    // Tests wait for conditions; the limit is for those that never come, on a machine as busy as it may be.
    testTimeout: 180_000,
    hookTimeout: 60_000,
    // Two cores: more workers only make each other late.
    maxWorkers: 2,
  },
});
export default config;
