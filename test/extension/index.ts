import { readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import Mocha from "mocha";

/** Called by VS Code in its extension host. Rejects where a test failed. */
export async function run(): Promise<void> {
  const grep = process.env.CODER_SCALETEST_TEST_GREP;
  const mocha = new Mocha({ ui: "bdd", timeout: 60_000, color: true, ...(grep ? { grep } : {}) });
  for (const name of readdirSync(__dirname)
    .filter((file) => file.endsWith(".test.js"))
    .sort()) {
    mocha.addFile(path.join(__dirname, name));
  }
  const failed: { fullName: string; message: string }[] = [];
  const stats = await new Promise<{ passes: number; failures: number }>((resolve) => {
    const runner = mocha.run((failures) => resolve({ passes: runner.stats?.passes ?? 0, failures }));
    runner.on("fail", (test, error: Error) =>
      failed.push({ fullName: test.fullTitle(), message: error.stack ?? error.message }),
    );
  });
  const report = process.env.CODER_SCALETEST_TEST_REPORT;
  if (report) writeFileSync(report, JSON.stringify({ ...stats, failed }));
  if (stats.failures > 0) throw new Error(`${stats.failures} tests failed`);
}
