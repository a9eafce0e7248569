// What artillery is told: the same connections and rate. It does not match echoes to what was sent.
import { writeFileSync } from "node:fs";
import path from "node:path";

/** Writes the script and its processor; returns the script's path. */
export function artilleryScript(folder, { url, connections, bytes, hz, seconds }) {
  const file = path.join(folder, "artillery.yml");
  const openFor = 2;
  writeFileSync(
    file,
    `config:
  target: "${url}"
  phases:
    - duration: ${openFor}
      arrivalRate: ${Math.ceil(connections / openFor)}
      maxVusers: ${connections}
  variables:
    payload: "${"x".repeat(bytes)}"
scenarios:
  - engine: ws
    flow:
      - loop:
          - send: "{{ payload }}"
          - think: "${1000 / hz}ms"
        count: ${Math.round(hz * seconds)}
`,
  );
  return file;
}
