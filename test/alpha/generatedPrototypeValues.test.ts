import fc, { type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "../../src/platform/errors/appError.ts";
import type { FormatName } from "../../src/services/clickstream/formats.ts";
import type { Field, Value } from "../../src/services/clickstream/prototype.ts";
import { prototypes } from "../../src/services/clickstream/prototypes.ts";
import { readFields } from "../../src/services/clickstream/readFields.ts";

const RUNS = { numRuns: 40 };

const ofFormat: Record<FormatName, Arbitrary<string>> = {
  url: fc.webUrl({ validSchemes: ["http", "https"], withQueryParameters: true }),
  host: fc.oneof(fc.domain(), fc.ipV4()),
  subdomain: fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/),
  awsRegion: fc.constantFrom("us-east-1", "eu-central-2", "ap-southeast-1", "us-gov-west-1", "cn-north-1"),
  bucket: fc.stringMatching(/^[a-z0-9]{1,9}(\.[a-z0-9-]{1,9})?[a-z0-9]{2}$/),
  email: fc.emailAddress(),
  digits: fc.stringMatching(/^[0-9]{1,20}$/),
  measurementId: fc.stringMatching(/^G-[A-Z0-9]{4,20}$/),
  mailchimpKey: fc.stringMatching(/^[0-9a-f]{32}-us[0-9]{1,2}$/),
  sqlName: fc.stringMatching(/^[a-z_][a-z0-9_]{0,30}$/),
  headerName: fc.stringMatching(/^X-[A-Za-z0-9]{1,20}$/),
  headerValue: fc.stringMatching(/^[!-~]([ -~]{0,30}[!-~])?$/),
};

const text = (maxLength: number) =>
  fc
    .string({ unit: "grapheme", minLength: 1, maxLength: Math.min(maxLength, 40) })
    .filter((one) => one.trim() === one && one.length <= maxLength && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(one));

function validValue(spec: Value): Arbitrary<unknown> {
  if (spec.type === "boolean") return fc.boolean();
  if (spec.type === "number") {
    const bounds = { min: spec.min ?? -1e9, max: spec.max ?? 1e9 };
    return spec.whole ? fc.integer(bounds) : fc.double({ ...bounds, noNaN: true });
  }
  if (spec.options) return fc.constantFrom(...spec.options);
  return spec.format ? ofFormat[spec.format] : text(spec.maxLength);
}

function valid(field: Field): Arbitrary<unknown> {
  const min = field.required ? 1 : 0;
  if (field.type === "array") return fc.array(validValue(field.values), { minLength: min, maxLength: 5 });
  if (field.type !== "map") return validValue(field);
  const key = text(60).filter((one) => one !== "__proto__");
  return fc.dictionary(key, validValue(field.values), { minKeys: min, maxKeys: 5, noNullPrototype: true });
}

/** Values of other types. */
function invalid({ type }: Field): Arbitrary<unknown> {
  const values = { input: "text", number: 5, boolean: true, array: ["text"], map: { key: "text" } };
  const others = Object.entries(values).filter(([other]) => other !== type);
  return fc
    .constantFrom<unknown>(...others.map(([, value]) => value), { deep: { deeper: [1] } }, [[1]])
    .filter((value) => type !== "array" || !Array.isArray(value) || Array.isArray(value[0]));
}

const objectOf = (fields: readonly Field[]): Arbitrary<Record<string, unknown>> =>
  fc.record(Object.fromEntries(fields.map((field) => [field.propertyName, valid(field)])), {
    requiredKeys: fields.filter(({ required }) => required).map(({ propertyName }) => propertyName),
    noNullPrototype: true,
  });

const errorOf = (read: () => unknown): AppError => {
  try {
    read();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("Nothing was thrown");
};

const lists = prototypes.flatMap(({ code, connectionPrototype, configPrototype }) => [
  { of: `details of ${code}`, fields: connectionPrototype },
  { of: `configPayload of ${code}`, fields: configPrototype },
]);

describe.each(lists)("$of", ({ fields }) => {
  const defaults = Object.fromEntries(fields.map((one) => [one.propertyName, one.default]));

  it("accept every valid object, and add defaults", () => {
    fc.assert(
      fc.property(objectOf(fields), (given) => {
        expect(readFields(fields, given, "details")).toEqual({ ...defaults, ...given });
      }),
      RUNS,
    );
  });

  it("reject a property of another type, by name", () => {
    const wrong = fc
      .constantFrom(...fields)
      .chain((field) => fc.tuple(fc.constant(field.propertyName), invalid(field)));
    fc.assert(
      fc.property(objectOf(fields), wrong, (given, [name, value]) => {
        const { code, message } = errorOf(() => readFields(fields, { ...given, [name]: value }, "details"));
        expect(code).toBe("BAD_USER_INPUT");
        expect(message).toMatch(new RegExp(`^details\\.${name}(\\.\\w+)?: must `));
      }),
      RUNS,
    );
  });

  it("reject an unknown property, by name", () => {
    const unknown = fc.constantFrom("other", "__proto__", "constructor", "toString", "secret");
    fc.assert(
      fc.property(objectOf(fields), unknown, (given, name) => {
        const changed = Object.fromEntries([...Object.entries(given), [name, "x"]]);
        const { message } = errorOf(() => readFields(fields, changed, "details"));
        expect(message).toMatch(new RegExp(`^details\\.${name}: is not a known property; allowed: `));
      }),
      RUNS,
    );
  });

  it("never have a given value in an error", () => {
    const value = fc.constantFrom<unknown>("VALUE\n", ["VALUE\n"], { key: "VALUE\n" }, "https://VALUE@x", {
      key: ["VALUE"],
    });
    const wrong = fc.record(Object.fromEntries(fields.map(({ propertyName }) => [propertyName, value])));
    fc.assert(
      fc.property(wrong, (given) => {
        try {
          readFields(fields, { ...given, other: "VALUE" }, "details");
        } catch (error) {
          expect((error as Error).message).not.toContain("VALUE");
        }
      }),
      RUNS,
    );
  });
});

describe.each(lists.filter(({ fields }) => fields.some((field) => field.required)))("$of", ({ fields }) => {
  const required = fields.filter((field) => field.required);

  it("reject the omission of a required property, by name", () => {
    const omitted = fc.tuple(fc.constantFrom(...required), fc.constantFrom(undefined, null, "", " "));
    fc.assert(
      fc.property(objectOf(fields), omitted, (given, [{ propertyName }, value]) => {
        const { message } = errorOf(() => readFields(fields, { ...given, [propertyName]: value }, "details"));
        expect(message).toBe(`details.${propertyName}: is required`);
      }),
      RUNS,
    );
  });
});
