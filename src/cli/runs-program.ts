import { Command } from "commander";
import { LAST, LAST_PASSED } from "../app/runs/find.ts";
import { orphanField } from "../workloads/common-fields.ts";
import { type CommonFlags, collect, deploymentFlags, OUTPUT, quiet } from "./command.ts";
import { confirm } from "./confirm.ts";
import { CliError, EXIT } from "./exit.ts";
import { guardOf } from "./guard.ts";
import { runsAt } from "./run.ts";
import {
  cleanNext,
  isRunning,
  runsClean,
  runsDismiss,
  runsLevel,
  runsList,
  runsPause,
  runsResume,
  runsStop,
  runsToken,
  runsWatch,
} from "./runs-command.ts";
import { runsCompare, runsExport, runsReport, runsShow } from "./runs-results.ts";
import { targetOf } from "./target.ts";

/** `coder-scaletest runs …`: what can be done with runs that are under way or over. `part`: of several to clean up after, this one. */
export function runsProgram(setExit: (code: number) => void, part?: string): Command {
  const group = quiet(new Command("runs"))
    .description(
      "List runs; show, compare or export those that are over; watch, stop, clean up after or dismiss one",
    )
    .option("--runs-dir <path>", "folder of the runs ($CODER_SCALETEST_HOME/runs)")
    .option("--json", "print JSON")
    .option("--all", "include dismissed runs");
  const runs = () => runsAt(group.opts<{ runsDir?: string }>().runsDir);
  group.action((flags: { json?: boolean; all?: boolean }) =>
    runsList(runs(), flags.json === true, flags.all === true),
  );
  const sub = (usage: string, text: string, of = "a run's id") => {
    const command = quiet(new Command(usage.split(" ")[0] ?? usage)).description(text);
    if (usage.includes(" ")) command.argument(usage.slice(usage.indexOf(" ") + 1), of);
    group.addCommand(command);
    return command;
  };
  sub("watch <id>", "show a run until it ends; leaving does not end it").action(async (id: string) =>
    setExit(await runsWatch(runs(), id)),
  );
  addResults(group, runs, setExit);
  sub("stop [id]", "stop a run, or all of them, and clean up")
    .option("--keep", "leave what exists as it is")
    .action(async (id: string | undefined, flags: { keep?: boolean }) =>
      setExit(await runsStop(runs(), id, flags.keep === true)),
    );
  sub(
    "token <id>",
    "go on with another session token: asked for, or by $CODER_SESSION_TOKEN or standard input",
  ).action(async (id: string) => setExit(await runsToken(runs(), id)));
  sub("pause <id>", "begin nothing new; traffic stops, and its connections stay open").action(
    async (id: string) => setExit(await runsPause(runs(), id, true)),
  );
  sub("level <id>", "change how much a running run does; what runs already goes on")
    .argument("<level>", "what, and how much: concurrency=20, connections=500, messages_per_second=1000")
    .option("--step <name>", "of a run of several steps, which")
    .action(async (id: string, level: string, flags: { step?: string }) =>
      setExit(await runsLevel(runs(), id, level, flags.step)),
    );
  deploymentFlags(
    sub(
      "resume <id>",
      "let a paused run go on; of an interrupted one, traffic over the workspaces that it left",
      RUN_OVER,
    ),
  )
    .option("--i-know-this-is <host>", "put the load on a deployment that is not marked as staging: its host")
    .action(async (id: string, flags: CommonFlags) => {
      if (await isRunning(runs(), id)) return setExit(await runsPause(runs(), id, false));
      const target = await targetOf(flags);
      setExit(
        await runsResume({ runs: runs(), id, target, guard: await guardOf(target, flags.iKnowThisIs) }),
      );
    });
  sub(
    "dismiss <id>",
    "take a run that has left nothing off the list; its record stays in its folder",
    RUN_OVER,
  )
    .option("--force", "even if it has left something, which stays there")
    .action(async (id: string, flags: { force?: boolean }) =>
      setExit(await runsDismiss(runs(), id, flags.force === true)),
    );
  deploymentFlags(sub("clean [id]", "delete what a run's journal still names on the deployment", RUN_OVER))
    .option("--all", "of every run, interrupted or kept on purpose")
    .option("-y, --yes", "do not ask")
    .option("--orphan", orphanField.description.replace(/^D/, "d"))
    .action(async (id: string | undefined, flags: CommonFlags & { all?: boolean; orphan?: boolean }) => {
      // commander gives a flag that the group knows too to the group.
      const all = flags.all === true || group.opts<{ all?: boolean }>().all === true;
      if ((id === undefined) !== all) throw new CliError("which run? name one, or pass --all", EXIT.usage);
      const options = {
        ...{ runs: runs(), id: part ?? id, target: await targetOf(flags), confirm },
        ...{ yes: flags.yes === true, orphan: flags.orphan === true },
      };
      setExit(await (part === undefined ? runsClean(options) : cleanNext(options)));
    });
  return group;
}

/** What can be had of runs that are over: all of it is in their folders. */
function addResults(group: Command, runs: () => string, setExit: (code: number) => void): void {
  const sub = (usage: string, text: string) => {
    const [name = "", argument = ""] = usage.split(" ");
    const command = quiet(new Command(name)).description(text).argument(argument, RUN_OVER);
    group.addCommand(command);
    return command;
  };
  // commander gives a flag that the group knows too to the group.
  const json = (flags: { json?: boolean }) => (flags.json ?? group.opts<{ json?: boolean }>().json) === true;
  sub("show <id>", "show what came of a run")
    .option("--json", "print JSON")
    .action(async (id: string, flags: { json?: boolean }) => runsShow(runs(), id, json(flags)));
  sub("compare <ids...>", "compare runs, measure by measure, with the earliest")
    .option("--json", "print JSON")
    .action(async (ids: string[], flags: { json?: boolean }) => runsCompare(runs(), ids, json(flags)));
  sub("export <id>", "write a run in other formats")
    .option("--output <format[:path]>", OUTPUT, collect)
    .action(async (id: string, { output = [] }: CommonFlags) =>
      setExit(await runsExport(runs(), id, output)),
    );
  sub("report <id>", "write a run's charts and tables as one HTML file, which needs no network")
    .option("--output <html[:path]>", "html to standard output, or to a file with :PATH", collect)
    .action(async (id: string, { output = [] }: CommonFlags) =>
      setExit(await runsReport(runs(), id, output)),
    );
}

const RUN_OVER = `a run's id, or ${LAST} or ${LAST_PASSED}`;
