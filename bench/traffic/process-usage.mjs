// CPU and memory of somebody's program, seen from outside. Linux only.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";

/** CPU of a process and its children so far, in µs; 0 where there is none. */
function cpuOf(pid) {
  return sum(pid, (one) => {
    const fields = readFileSync(`/proc/${one}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 10_000;
  });
}

/** Bytes resident of a process and its children; what they share counts once. */
function memoryOf(pid) {
  return sum(
    pid,
    (one) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${one}/smaps_rollup`, "utf8"))?.[1]) * 1024,
  );
}

function sum(pid, figure) {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
    return children.reduce((all, child) => all + sum(Number(child), figure), figure(pid));
  } catch {
    return 0;
  }
}

const LOOK_MS = 100;
const MEMORY_EVERY = 10;
/** Our own command line's word that the machine was too busy for its figures: no reason to throw away the CPU. */
const SATURATED = 4;

/**
 * Resolves with standard output, CPU in µs and the largest resident memory, children's included, and the CPU
 * in µs a second between `window.from` and `window.until` (seconds after the start).
 */
export function run(program, args, { env = process.env, window = { from: 0, until: 0 } } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env });
    let output = "";
    let words = "";
    let cpuUs = 0;
    let peak = 0;
    let looks = 0;
    const steady = [];
    const begun = performance.now();
    child.stdout.on("data", (bytes) => {
      output += bytes;
    });
    child.stderr.on("data", (bytes) => {
      words = (words + bytes).slice(-2_000);
    });
    const watch = setInterval(() => {
      const now = cpuOf(child.pid);
      cpuUs = Math.max(cpuUs, now);
      const at = (performance.now() - begun) / 1_000;
      if (at >= window.from && at <= window.until) steady.push({ at, cpuUs: now });
      // Going through all of its pages costs the one who is looked at, too.
      if (looks++ % MEMORY_EVERY === 0) peak = Math.max(peak, memoryOf(child.pid));
    }, LOOK_MS);
    child.once("error", reject);
    child.once("close", (code) => {
      clearInterval(watch);
      if (code === SATURATED)
        console.error("the generator was saturated: this machine does something else, too");
      else if (code !== 0)
        return reject(new Error(`${path.basename(program)} ended with status ${code}: ${words}`));
      const [first, last] = [steady[0], steady.at(-1)];
      const steadyCpuUs = last && last.at > first.at ? (last.cpuUs - first.cpuUs) / (last.at - first.at) : 0;
      resolve({ output, words, steadyCpuUs, cpuUs, peak });
    });
  });
}
