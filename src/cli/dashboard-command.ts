import { Command } from "commander";
import { grafanaDashboard } from "../app/dashboard.ts";
import { quiet } from "./command.ts";

/** `dashboard`: a file for Grafana, on standard output. Asks nobody. */
export function dashboardProgram(): Command {
  return quiet(new Command("dashboard"))
    .description(
      "Print a Grafana dashboard of what runs expose by --scaletest-prometheus-address, beside Coder's own metrics",
    )
    .action(() => {
      process.stdout.write(`${JSON.stringify(grafanaDashboard(), undefined, 2)}\n`);
    });
}
