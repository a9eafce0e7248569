// CPU and memory of somebody's program, seen from outside. Linux only.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";

/** Of a process and its children, from /proc; zeros where there is none. */
export function usageOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    const own = { cpuUs: (Number(fields[11]) + Number(fields[12])) * 10_000, rss: Number(fields[21]) * 4096 };
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
      .trim()
      .split(" ")
      .filter(Boolean);
    for (const child of children) {
      const its = usageOf(Number(child));
      own.cpuUs += its.cpuUs;
      own.rss += its.rss;
    }
    return own;
  } catch {
    return { cpuUs: 0, rss: 0 };
  }
}

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
    let usage = { cpuUs: 0, peak: 0 };
    const steady = [];
    const begun = performance.now();
    child.stdout.on("data", (bytes) => {
      output += bytes;
    });
    child.stderr.on("data", (bytes) => {
      words = (words + bytes).slice(-2_000);
    });
    const watch = setInterval(() => {
      const now = usageOf(child.pid);
      usage = { cpuUs: Math.max(usage.cpuUs, now.cpuUs), peak: Math.max(usage.peak, now.rss) };
      const at = (performance.now() - begun) / 1_000;
      if (at >= window.from && at <= window.until) steady.push({ at, cpuUs: now.cpuUs });
    }, 100);
    child.once("error", reject);
    child.once("close", (code) => {
      clearInterval(watch);
      if (code === SATURATED)
        console.error("the generator was saturated: this machine does something else, too");
      else if (code !== 0)
        return reject(new Error(`${path.basename(program)} ended with status ${code}: ${words}`));
      const [first, last] = [steady[0], steady.at(-1)];
      const steadyCpuUs = last && last.at > first.at ? (last.cpuUs - first.cpuUs) / (last.at - first.at) : 0;
      resolve({ output, words, steadyCpuUs, ...usage });
    });
  });
}
