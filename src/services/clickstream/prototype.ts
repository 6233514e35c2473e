import { z } from "zod";
import { formatNames } from "./formats.ts";

/** Maximum number of characters of an `input`. */
export const MAX_INPUT = 4096;

const InputValue = z.strictObject({
  type: z.literal("input"),
  maxLength: z.int().min(1).max(MAX_INPUT).default(MAX_INPUT),
  format: z.enum(formatNames).optional(),
  /** The only allowed values. */
  options: z.array(z.string().min(1).max(200)).min(2).max(50).optional(),
});

const NumberValue = z.strictObject({
  type: z.literal("number"),
  min: z.number().optional(),
  max: z.number().optional(),
  /** Only whole numbers. */
  whole: z.boolean().default(false),
});

const BooleanValue = z.strictObject({ type: z.literal("boolean") });

const Value = z.discriminatedUnion("type", [InputValue, NumberValue, BooleanValue]);

/** Not the name of a member that every object has, such as `constructor`. */
const PropertyName = z
  .string()
  .regex(/^[a-z][A-Za-z0-9]{0,63}$/, "must be a camelCase name of 1 to 64 letters and digits")
  .refine((name) => !(name in Object.prototype), "must not be the name of a member of every object");

const described = {
  propertyName: PropertyName,
  label: z.string().min(1).max(80),
  description: z.string().min(1).max(400),
  required: z.boolean().default(false),
  /** Stored if the property is omitted. */
  default: z.json().optional(),
};

const Field = z.discriminatedUnion("type", [
  InputValue.extend({ ...described, secret: z.boolean().default(false) }),
  NumberValue.extend(described),
  BooleanValue.extend(described),
  z.strictObject({ type: z.literal("array"), values: Value, ...described }),
  // An object whose keys the caller chooses.
  z.strictObject({ type: z.literal("map"), values: Value, ...described }),
]);

/** The content of a data file. */
export const Prototype = z.strictObject({
  /** The `connectionPrototypeId`: the code and a version. */
  id: z.string().regex(/^[a-z0-9-]+-[1-9]\d{0,3}$/, "must be the code and a version, such as webhook-1"),
  /** The `integrationCode`. */
  code: z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "must be a name such as google-analytics"),
  name: z.string().min(1).max(80),
  connectionPrototype: z.array(Field).max(50),
  configPrototype: z.array(Field).max(50),
});

/** A Clickstream destination: what a Connection and the config of an Integration contain. */
export type Prototype = z.output<typeof Prototype>;
/** One property of them. */
export type Field = z.output<typeof Field>;
/** What a field contains, or each value in an array or map. */
export type Value = z.output<typeof Value>;
export type InputValue = z.output<typeof InputValue>;
export type NumberValue = z.output<typeof NumberValue>;
