import type { Field, Prototype } from "./prototype.ts";
import { prototypes } from "./prototypes.ts";

/** A property of a Connection's `details` or an Integration's `configPayload`. */
export interface FieldRow {
  propertyName: string;
  label: string;
  type: Field["type"];
  required: boolean;
  /** Stored encrypted and not returned to Users. */
  secret: boolean;
  description: string;
  /** The only allowed values, also for each value in an array or map; null if there are others. */
  options: readonly string[] | null;
  /** Any JSON value; null if there is none. */
  default: unknown;
}

/** A Clickstream destination. `id` is the `connectionPrototypeId`, `code` the `integrationCode`. */
export interface PrototypeRow extends Pick<Prototype, "id" | "code" | "name"> {
  connectionPrototype: readonly FieldRow[];
  configPrototype: readonly FieldRow[];
}

/** All Clickstream destinations and what a client must ask for to use one, sorted by code. */
export const clickstreamPrototypes = (): readonly PrototypeRow[] => rows;

function fieldRow(field: Field): FieldRow {
  const { propertyName, label, type, required, description } = field;
  const value = "values" in field ? field.values : field;
  return {
    propertyName,
    label,
    type,
    required,
    secret: field.type === "input" && field.secret,
    description,
    options: (value.type === "input" && value.options) || null,
    default: field.default ?? null,
  };
}

const rows = prototypes.map(({ id, code, name, connectionPrototype, configPrototype }) => ({
  id,
  code,
  name,
  connectionPrototype: connectionPrototype.map(fieldRow),
  configPrototype: configPrototype.map(fieldRow),
}));
