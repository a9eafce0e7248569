import { inWindow } from "../host/window.ts";
import { ENDED, SCENARIOS, SMALL } from "./stock.mjs";

/** What each question of an input is known by, and what is answered; the last of them starts nothing. */
const FLOWS = {
  create: [
    "Create Workspaces…",
    [
      [/Select a deployment/, "sandbox"],
      [/Select a template/, "kubernetes"],
      [/home disk/i, "20"],
      [/Workspaces to create/, "50"],
      [/Command to run/, "echo hello"],
      [/Time limit of the command/, "30s"],
      [/Maximum concurrent/, "0"],
      [/Enter starts/],
    ],
  ],
  production: [
    "Create Workspaces…",
    [
      [/Select a deployment/, "localhost"],
      [/Select a template/, "kubernetes"],
      [/home disk/i, "20"],
      [/Workspaces to create/, "500"],
      [/Command to run/, ""],
      [/Maximum concurrent/, "0"],
      [/Enter starts/, ""],
      [/treated as production/],
    ],
  ],
  traffic: [
    "Workspace Traffic…",
    [
      [/Select a deployment/, "sandbox"],
      [/Which workspaces/, ""],
      [/Connect to workspaces through/, ""],
      [/Connections to each/, "2"],
      [/Rate of each connection/, "another"],
      [/in bytes a second/, "40KB/s"],
      [/Ramp-up/, "30s"],
      [/Warm-up/, "30s"],
      [/Measurement duration/, "10m"],
      [/Enter starts/],
    ],
  ],
  limit: [
    "Find the Limit…",
    [
      [/Select what to find the limit of/, "workspace-traffic"],
      [/Select what to increase/, "connections"],
      [/Second number/, "rate=1,2,5,10"],
      [/Smallest level/, "10"],
      [/Ceiling/, "1000"],
      [/Precision/, ""],
      [/Time budget/, "45m"],
      [/Type a threshold/, "round_trip.p95<200ms"],
      [/Type a threshold/, "Done"],
      [/Enter starts/],
    ],
  ],
};

/** Every question of the inputs, until the last one. */
export const questions = {
  sandbox: SMALL,
  files: SCENARIOS,
  before: ENDED.slice(0, 2),
  async take({ page, toProduction, shoot }) {
    await inWindow.treeItem(page, /, sandbox/).waitFor();
    await toProduction();
    for (const [name, [command, steps]] of Object.entries(FLOWS)) {
      await inWindow.palette(page, `Scale Test: ${command}`);
      for (const [index, [question, value]] of steps.entries()) {
        await settled(page, question);
        await shoot(`-${name}-${index + 1}`, inWindow.quickInput(page));
        if (value !== undefined) await inWindow.answer(page, question, value);
      }
      await page.keyboard.press("Escape");
      await inWindow.quickInput(page).waitFor({ state: "hidden" });
    }
    await thresholds(page, shoot);
    await palette(page, shoot, "Start…", /Select what to run/, "start");
    await palette(page, shoot, "New Scenario from a Preset…", /./, "presets");
    await palette(page, shoot, "Connect Server Metrics…", /./, "metrics");
    await palette(page, shoot, "Compare Runs…", /Select two/, "compare");
    await palette(page, shoot, "Export…", /Select a run/, "export");
  },
};

/** A step of the last question: what the run is held to. */
async function thresholds(page, shoot) {
  await inWindow.palette(page, "Scale Test: Workspace Traffic…");
  for (const [question, value] of [...FLOWS.traffic[1].slice(0, -1), [/Enter starts/, "Thresholds"]]) {
    await settled(page, question);
    await inWindow.answer(page, question, value);
  }
  await settled(page, /Type a threshold/);
  await shoot("-thresholds", inWindow.quickInput(page));
  await inWindow.quickInput(page).locator("input").first().fill("round_trip.p95<");
  await page.waitForTimeout(800);
  await shoot("-thresholds-typed", inWindow.quickInput(page));
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
}

async function palette(page, shoot, command, question, name) {
  await inWindow.palette(page, `Scale Test: ${command}`);
  await settled(page, question);
  await shoot(`-${name}`, inWindow.quickInput(page));
  await page.keyboard.press("Escape");
  await inWindow.quickInput(page).waitFor({ state: "hidden" });
}

/** The question is there, and what it offers has come. */
async function settled(page, question) {
  await page.mouse.move(800, 900);
  const input = inWindow.quickInput(page);
  await input.getByText(question).or(input.getByPlaceholder(question)).first().waitFor();
  const offered = input.locator(".quick-input-list .monaco-list-row").or(input.getByText("Press 'Enter'"));
  await offered.filter({ visible: true }).first().waitFor({ timeout: 60_000 });
  // A question may be asked again, in the same words.
  await page.waitForTimeout(1_500);
}
