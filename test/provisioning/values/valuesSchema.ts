import { readFileSync } from "node:fs";
import { Ajv } from "ajv";

const file = new URL("../../contract/airflow-chart-values.schema.json", import.meta.url);
const validate = new Ajv({ allErrors: true, strict: true, strictRequired: false, strictTypes: false }).compile(
  JSON.parse(readFileSync(file, "utf8")),
);

/** What the schema of the values that we write does not allow in `values`. */
export const violations = (values: unknown): string[] =>
  validate(values)
    ? []
    : (validate.errors ?? []).map(
        ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
      );
