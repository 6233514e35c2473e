import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { at, isMapping, type Tree } from "../../../platform/config/tree.ts";
import { type Chart, ChartError } from "./readChart.ts";

/** What a chart does not allow, and where: `workers.celery.sets.0.queue`. */
export interface Violation {
  path: string;
  message: string;
}

/** Says what of some values a chart does not allow, like Helm before it installs the chart. */
export type Validator = (values: Tree) => Violation[];

/**
 * A validator for a chart and its subcharts, with their defaults below the values. Throws a ChartError for a values.schema.json
 * that is no JSON schema of draft 7, and for a chart without any.
 */
export function validatorOf(chart: Chart): Validator {
  const validate = validatorAt(chart, []);
  if (!validate) throw new ChartError(`${chart.name} has no values.schema.json: there is nothing to check against`);
  return validate;
}

function validatorAt(chart: Chart, keys: string[]): Validator | undefined {
  const own = chart.schema && compile(chart.schema, chart.name);
  const subcharts = chart.subcharts.flatMap((subchart) => {
    const validate = validatorAt(subchart, [...keys, subchart.name]);
    return validate ? [{ name: subchart.name, validate }] : [];
  });
  if (!own && subcharts.length === 0) return undefined;
  return (given) => {
    const values = coalesced(chart.defaults, given) as Tree;
    const errors = own && !own(values) ? (own.errors ?? []) : [];
    // A condition of the schema is no rule by itself: its branches are reported.
    const wrong = errors.filter(({ keyword }) => keyword !== "if").map((error) => violationOf(error, keys));
    const below = subcharts.flatMap(({ name, validate }) => {
      const inner = values[name];
      return isOff(chart, name, values) ? [] : validate(isMapping(inner) ? inner : {});
    });
    return [...wrong, ...below];
  };
}

/** The first condition that has a value decides. */
function isOff({ conditions }: Chart, name: string, values: Tree): boolean {
  const found = (conditions[name] ?? [])
    .map((path) => at(values, path.trim().split(".")))
    .find((value) => typeof value === "boolean");
  return found === false;
}

function compile(schema: Tree, name: string): ValidateFunction {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, logger: false });
  try {
    return ajv.compile(schema);
  } catch (error) {
    throw new ChartError(`values.schema.json of ${name} cannot be used: ${(error as Error).message}`, { cause: error });
  }
}

function violationOf({ instancePath, params, message = "is not allowed" }: ErrorObject, keys: string[]): Violation {
  const steps = instancePath.split("/").slice(1);
  const inner = steps.map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  const { additionalProperty } = params as { additionalProperty?: string };
  const path = [...keys, ...inner, ...(additionalProperty === undefined ? [] : [additionalProperty])].join(".");
  const allowed = (params as { allowedValues?: unknown[] }).allowedValues;
  const text = additionalProperty === undefined ? message : "is no value of the chart";
  return { path: path || "the values", message: allowed ? `${text}: ${JSON.stringify(allowed)}` : text };
}

/** Values over defaults as Helm lays them: mappings are merged, everything else is replaced, and null removes a default. */
function coalesced(below: unknown, over: unknown): unknown {
  if (!isMapping(over) || !isMapping(below)) return over;
  const all = new Map(Object.entries(below));
  for (const [key, value] of Object.entries(over)) {
    if (value === null) all.delete(key);
    else all.set(key, coalesced(all.get(key), value));
  }
  return Object.fromEntries(all);
}
