import { choicesOf, type Field } from "../contract/fields/field.ts";
import { type JsonSchema, jsonSchemaOf } from "../contract/fields/json-schema.ts";
import type { Workload } from "../contract/workload.ts";
import { DURATION } from "../protocol/duration.ts";
import { english } from "../text/message.ts";
import { saysOfField } from "./field-words.ts";
import { SHARED, THRESHOLDS } from "./fields.ts";
import { fieldNames, Kinds, profileField, wordOf } from "./kinds.ts";
import { LIMIT_KEYS, SCENARIO_KEYS } from "./read.ts";
import { DEFAULT_BUDGET, DEFAULT_PRECISION, SEARCH_KEYS, VARIED } from "./search.ts";
import { STAGE_KEYS, STEP_KEYS } from "./step.ts";
import { DEFAULT } from "./thresholds.ts";

type Schema = Record<string, unknown>;

/** A text may have a variable in it, whatever form it has otherwise. */
const VARIABLE = "\\$\\{[^}]+\\}";
const TIME: Schema = {
  type: ["string", "integer"],
  maximum: 0,
  pattern: `${DURATION.source}|${VARIABLE}`,
  patternErrorMessage: "write a time with its unit, such as 30s or 1m30s",
};
const TEXT: Schema = { type: ["string", "number", "boolean"] };
const THRESHOLD_LIST: Schema = {
  type: ["array", "string"],
  items: { type: "string", examples: [DEFAULT] },
};

/**
 * JSON schema of a scenario file, made of the workloads' tables. It is what completion, hover and the first check in an
 * editor go by; `readScenario` says what a schema cannot.
 */
export function scenarioSchema(workloads: readonly Workload[]): Schema {
  const kinds = new Kinds(workloads).all;
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Scenario of Scale Test for Coder",
    type: "object",
    additionalProperties: false,
    required: ["steps"],
    properties: described(SCENARIO_KEYS, {
      name: TEXT,
      deployment: { type: "string" },
      template: TEXT,
      parameters: { $ref: "#/definitions/parameters" },
      pool: TEXT,
      steps: { type: "array", minItems: 1, items: { $ref: "#/definitions/step" } },
      thresholds: THRESHOLD_LIST,
      limits: {
        type: "object",
        additionalProperties: false,
        properties: described(LIMIT_KEYS, {
          workspaces: wholeNumber(),
          connections: wholeNumber(),
          rate: { type: "string" },
        }),
      },
      serverMetrics: {
        type: ["array", "string", "object"],
        items: {
          type: ["string", "object"],
          examples: [
            "auto",
            "api",
            "http://10.0.0.7:2112",
            "prometheus+http://10.0.0.9:9090?namespace=coder",
          ],
          ...PROMETHEUS,
        },
        ...PROMETHEUS,
      },
      search: searchSchema(),
      baseline: TEXT,
    }),
    definitions: {
      parameters: {
        type: "object",
        additionalProperties: { type: ["string", "number", "boolean", "array"] },
      },
      step: stepSchema(kinds),
      ...Object.fromEntries(kinds.map((workload) => [workload.name, kindSchema(workload)])),
    },
  };
}

/** A Prometheus server as a map. */
const PROMETHEUS = {
  required: ["prometheus"],
  additionalProperties: false,
  properties: {
    prometheus: { type: "string", examples: ["http://10.0.0.9:9090"] },
    namespace: { type: "string" },
    job: { type: "string" },
    pod: { type: "string" },
    labels: { type: "object", additionalProperties: { type: "string" } },
  },
};

/** All kinds as keys of one object: of branches for each, an editor would tell the errors of all. */
function stepSchema(kinds: readonly Workload[]): Schema {
  const words = kinds.flatMap((workload) => [
    ...(workload.alias === undefined
      ? []
      : [[workload.name, { ...kindRef(workload), doNotSuggest: true }] as const]),
    [wordOf(workload), kindRef(workload)] as const,
  ]);
  const own = described(STEP_KEYS, {
    name: { type: "string", pattern: "^[A-Za-z][\\w-]{0,63}$" },
    after: { type: "string" },
    with: { type: "string" },
    at: { type: "string", examples: ["5m", "terminals + 5m"] },
    ramp: TIME,
    hold: TIME,
    stages: {
      type: "array",
      items: {
        type: "object",
        additionalProperties: false,
        required: ["for", "to"],
        properties: {
          for: { ...TIME, description: STAGE_KEYS.for },
          to: { type: "number", minimum: 0, description: STAGE_KEYS.to },
        },
      },
    },
    share: share(),
    repeat: { ...wholeNumber(), maximum: 100 },
    thresholds: THRESHOLD_LIST,
  });
  return {
    type: "object",
    additionalProperties: false,
    minProperties: 1,
    properties: { ...Object.fromEntries(words), ...own },
  };
}

function kindRef({ name, summary }: Workload): Schema {
  return { description: summary, anyOf: [{ $ref: `#/definitions/${name}` }, { type: "null" }] };
}

function kindSchema(workload: Workload): Schema {
  const names = [...fieldNames(workload)].flatMap(([name, spelling]): [string, Schema][] => {
    const { field, by, key } = spelling;
    const cannot = by === "file" || field.notInFiles !== undefined || field.unsupported !== undefined;
    if (cannot || (field.mayBeSecret && !SHARED.includes(key))) return [];
    return [
      [
        name,
        key === THRESHOLDS
          ? { ...THRESHOLD_LIST, description: field.description, doNotSuggest: true }
          : fieldSchema(field, jsonSchemaOf(spelling)),
      ],
    ];
  });
  const forms = workload.shortForms.map(({ name, description, choices }): [string, Schema] => [
    name,
    { description, ...orVariable({ enum: Object.keys(choices) }) },
  ]);
  const inner = (["ramp", "hold"] as const).filter((part) => profileField(workload, part));
  const known = new Map<string, Schema>([...forms, ...names]);
  for (const part of inner) if (!known.has(part)) known.set(part, { ...TIME, description: STEP_KEYS[part] });
  if (profileField(workload, "share")) known.set("share", { ...share(), description: STEP_KEYS.share });
  return {
    type: "object",
    description: workload.summary,
    additionalProperties: false,
    properties: Object.fromEntries(known),
  };
}

/** As a file has it: texts as they stand, and times with their unit. */
function fieldSchema(field: Field, { default: shown, doNotSuggest, description }: JsonSchema): Schema {
  const own = {
    description,
    markdownDescription: `${description}\n\n${english(saysOfField(field))}`,
    ...(shown === undefined || field.kind === "map"
      ? {}
      : { default: field.kind === "duration" && typeof shown === "number" ? undefined : shown }),
    ...(doNotSuggest ? { doNotSuggest } : {}),
  };
  return { ...valueSchema(field), ...own };
}

function valueSchema(field: Field): Schema {
  switch (field.kind) {
    case "duration":
      return TIME;
    case "integer":
      return orVariable({ type: "integer" });
    case "boolean":
      return orVariable({ type: "boolean" });
    case "choice":
      return orVariable({ enum: choicesOf(field) });
    case "list":
      return { type: ["array", "string"], items: TEXT };
    case "map":
      return { $ref: "#/definitions/parameters" };
    default:
      return TEXT;
  }
}

function orVariable(schema: Schema): Schema {
  return { anyOf: [schema, { type: "string", pattern: VARIABLE, doNotSuggest: true }] };
}

function wholeNumber(): Schema {
  return { type: ["integer", "string"], minimum: 1, pattern: `^[1-9]\\d*$|${VARIABLE}` };
}

function searchSchema(): Schema {
  return {
    type: "object",
    additionalProperties: false,
    required: ["vary", "from", "to"],
    properties: described(SEARCH_KEYS, {
      vary: {
        type: "string",
        pattern: `^(${VARIED.join("|")})(@[A-Za-z][\\w-]*)?$|${VARIABLE}`,
        patternErrorMessage: `write one of ${VARIED.join(", ")}; of several steps, as connections@terminals`,
      },
      from: wholeNumber(),
      to: wholeNumber(),
      and: {
        type: "string",
        pattern: `^\\s*(rate|connections)\\s*=[\\d\\s.,]+$|${VARIABLE}`,
        patternErrorMessage: "write the values behind the number's name, as rate=1,2,5,10",
      },
      precision: { ...share(), default: DEFAULT_PRECISION, patternErrorMessage: "write a share like 5%" },
      budget: { ...TIME, default: DEFAULT_BUDGET },
    }),
  };
}

function share(): Schema {
  return {
    type: "string",
    pattern: `^\\s*\\d+(\\.\\d+)?\\s*%\\s*$|${VARIABLE}`,
    patternErrorMessage: "write a share like 60%",
  };
}

function described<K extends string>(
  texts: Readonly<Record<K, string>>,
  schemas: Readonly<Record<K, Schema>>,
): Schema {
  const keys = Object.keys(texts) as K[];
  return Object.fromEntries(keys.map((key) => [key, { ...schemas[key], description: texts[key] }]));
}
