import { defineConfig } from "vitest/config";

const config = defineConfig({
  test: {
    include: ["test/{unit,contract,integration,webview,ui,faults}/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 30_000,
    // Two cores: more workers only make each other late.
    maxWorkers: 2,
  },
});
export default config;
