import { describe, expect, it } from "vitest";
import { buildReason } from "../../../src/workloads/build-failure.ts";

const errors = (...lines: string[]) => lines.map((output) => ({ log_level: "error", output }));
const APPLY = "terraform apply: exit status 1";

/** As a real server has it, of a template whose `local-exec` fails. */
const localExec = (name: string, line = 13) => [
  { log_level: "info", output: "null_resource.gpu: Creating..." },
  ...errors(
    "",
    "Error: local-exec provisioner error",
    "",
    `  on main.tf line ${line}, in resource "null_resource" "gpu":`,
    `  ${line}:   provisioner "local-exec" {`,
    "",
    `Error running command 'echo allocating for ${name}; echo "quota exceeded: no GPU in zone"; exit 1': exit`,
    `status 1. Output: allocating for ${name}`,
    "quota exceeded: no GPU in zone",
    "",
  ),
];

describe("the reason of a failed build", () => {
  it("is what the log says at its level of errors, with the failed command's own last words", () => {
    const { common } = buildReason(APPLY, localExec("scaletest-k3x9q2ab-0"), []);
    expect(common).toBe("local-exec provisioner error: quota exceeded: no GPU in zone");
  });

  it("is the job's own error where the log has none", () => {
    const log = [{ log_level: "info", output: "Terraform has been successfully initialized!" }];
    expect(buildReason(APPLY, log, []).text).toBe(APPLY);
    expect(buildReason(APPLY, [], []).common).toBe(APPLY);
  });

  it("is one for all workspaces: names, ids, addresses, times and amounts are taken out", () => {
    const common = (...lines: string[]) =>
      buildReason(APPLY, errors(...lines), ["scaletest-k3x9q2ab-7", "ada"]).common;
    for (const [one, other] of [
      [
        `Error: pods "coder-ada-scaletest-k3x9q2ab-7" is forbidden`,
        `Error: pods "coder-ada-ada" is forbidden`,
      ],
      ["Error: volume vol-0a1b2c3d4e5f is busy", "Error: volume vol-99ab2c3d4e5f is busy"],
      [
        "Error: request 6a1d5c1e-7a52-4d7b-9c8e-0d6b1f1d2e3f was throttled",
        "Error: request 11111111-7a52-4d7b-9c8e-0d6b1f1d2e3f was throttled",
      ],
      [
        "Error: 0/6 nodes are available: 3 Insufficient cpu",
        "Error: 0/12 nodes are available: 9 Insufficient cpu",
      ],
      ["Error: dial tcp 10.0.3.7:443: i/o timeout", "Error: dial tcp 10.0.4.19:443: i/o timeout"],
      ["Error: lock was taken at 2026-11-28T04:12:09Z", "Error: lock was taken at 2026-11-28T05:01:10Z"],
      ["Error: waited 30s for the disk", "Error: waited 47s for the disk"],
    ] as const)
      expect(common(one)).toBe(common(other));
  });

  it("keeps the numbers that say what kind of error it is", () => {
    for (const text of [
      "exit status 1",
      "StatusCode: 403, quota",
      "HTTP 502 from the registry",
      "error code 17",
    ])
      expect(buildReason(APPLY, errors(`Error: ${text}`), []).common).toBe(text);
  });

  it("keeps apart what is of another kind", () => {
    const common = (text: string) => buildReason(APPLY, errors(text), []).common;
    expect(common("Error: StatusCode: 403")).not.toBe(common("Error: StatusCode: 429"));
    expect(common("Error: no GPU in zone")).not.toBe(common("Error: no CPU in zone"));
  });

  it("drops terraform's frame and a terminal's colours, and says the same error once", () => {
    const log = errors(
      "\u001b[31m╷\u001b[0m",
      "\u001b[31m│\u001b[0m \u001b[1mError: creating EC2 Instance: InsufficientInstanceCapacity\u001b[0m",
      "│ ",
      "│   with aws_instance.dev[0],",
      '│   on main.tf line 40, in resource "aws_instance" "dev":',
      "╵",
      "╷",
      "│ Error: creating EC2 Instance: InsufficientInstanceCapacity",
      "╵",
    );
    expect(buildReason(APPLY, log, []).text).toBe("creating EC2 Instance: InsufficientInstanceCapacity");
  });

  it("is what coderd's reaper says in its frame, of a job whose daemon is gone", () => {
    const hung = "Coder: Build has been detected as hung for 5 minutes and will be terminated.";
    const frame = "====================";
    const { text, common } = buildReason("hung", errors("", frame, hung, frame, ""), []);
    expect(text).toBe(hung.slice(0, -1));
    expect(common).toMatch(/detected as hung for … minutes/);
  });

  it("stays one readable line, however much was said", () => {
    const log = errors(
      ...Array.from({ length: 500 }, (_, at) => `Error: ${"x".repeat(400)} ${"y".repeat(at)}`),
    );
    const { text, common } = buildReason(APPLY, log, []);
    expect(text.length).toBeLessThan(500);
    expect(common).not.toMatch(/\n/);
  });
});
