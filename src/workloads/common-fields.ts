import * as z from "zod";
import { type Field, field, type Unsupported } from "../contract/fields/field.ts";
import { words } from "../text/message.ts";

// Fields that several workloads have, with Coder's names and defaults. Where two workloads mean different things by
// one, each says what in its own table.

/** An environment variable of Coder's own scale tests. */
export const coder = (name: string) => `CODER_SCALETEST_${name}`;

/** What is said of a limit that may be 0. */
export const notNegative = words("must be 0 or more");
const aboveZero = words("must be more than 0");
const MINUTE_MS = 60_000;

/** How many, where 0 is "none" or "no limit". */
export const amount = () => z.number().int().min(0, notNegative);
/** Milliseconds, where 0 is "none" or "no limit". */
export const milliseconds = () => z.number().min(0, notNegative);
/** Milliseconds of something that takes time. */
export const someMilliseconds = () => z.number().min(1, aboveZero);
/** A name or an id. */
export const named = () => z.string().min(1, words("must not be empty"));
export const runId = () =>
  z.string().regex(/^[a-z0-9]{8}$/, words("must be a run's id: eight letters and digits"));

/** Of every workload with a clean-up. */
export const cleanupFields = {
  cleanupConcurrency: field(amount(), {
    flag: "cleanup-concurrency",
    env: coder("CLEANUP_CONCURRENCY"),
    default: 1,
    description: "Clean-up jobs at the same time; 0 means no limit",
  }),
  cleanupTimeoutMs: field(milliseconds(), {
    flag: "cleanup-timeout",
    env: coder("CLEANUP_TIMEOUT"),
    unit: "ms",
    default: 30 * MINUTE_MS,
    description: "Time for the whole clean-up; 0 means no limit",
  }),
  cleanupJobTimeoutMs: field(milliseconds(), {
    flag: "cleanup-job-timeout",
    env: coder("CLEANUP_JOB_TIMEOUT"),
    unit: "ms",
    default: 5 * MINUTE_MS,
    description: "Time for the clean-up of one workspace",
  }),
};

/** For what deletes what earlier runs have left. */
export const orphanField = field(z.boolean(), {
  flag: "orphan",
  default: false,
  description:
    "Delete workspaces even where their destroy fails: what they stand for stays, and has to be removed by hand",
});

/** Of every workload that puts a load on a deployment. */
export const loadFields = {
  template: field(named(), {
    flag: "template",
    short: "t",
    env: coder("TEMPLATE"),
    placeholder: "name or id",
    description: "Template of the workspaces",
  }),
  concurrency: field(amount(), {
    flag: "concurrency",
    env: coder("CONCURRENCY"),
    default: 1,
    description: "Workspaces at the same time; 0 means no limit",
  }),
  timeoutMs: field(milliseconds(), {
    flag: "timeout",
    profile: "limit",
    env: coder("TIMEOUT"),
    unit: "ms",
    default: 30 * MINUTE_MS,
    description: "Time for the whole run, without its clean-up; 0 means no limit",
  }),
  jobTimeoutMs: field(milliseconds(), {
    flag: "job-timeout",
    env: coder("JOB_TIMEOUT"),
    unit: "ms",
    default: 5 * MINUTE_MS,
    description: "Time for one workspace, from its begin; 0 means no limit",
  }),
  useHostLogin: field(z.boolean(), {
    flag: "use-host-login",
    env: coder("USE_HOST_LOGIN"),
    default: false,
    description: "Act as the signed-in user",
  }),
  org: field(named(), {
    flag: "org",
    env: coder("ORG"),
    placeholder: "name or id",
    description: "Organization of the template, where several have one of this name",
  }),
  agent: field(named(), {
    flag: "agent",
    env: coder("AGENT"),
    placeholder: "name",
    description: "Agent to connect to; by default the first",
  }),
  seed: field(z.number().int(), {
    flag: "seed",
    env: coder("SEED"),
    default: 1,
    description: "Seed of everything random in the load",
  }),
};

/** Of Coder's flags for traces, the one that is refused; the others are of every run. */
export const tracingFields = { traceCoder: refused("trace-coder", z.boolean()) };

function refused(flag: string, type: z.ZodType): Unsupported {
  const described: Field = field(type, {
    flag,
    env: coder(flag.toUpperCase().replaceAll("-", "_")),
    description: "Traces, as Coder's own tool sends them",
  });
  return {
    ...described,
    unsupported: words(
      "this tool sends nothing to Coder, the company; --trace sends traces to a collector of your own",
    ),
  };
}
