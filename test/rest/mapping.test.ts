import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { clusterMapping } from "../../src/api/rest/clusters/mapping.ts";
import { deploymentMapping } from "../../src/api/rest/deployments/mapping.ts";
import { Deployment, related } from "../../src/api/rest/deployments/schemas.ts";
import { organizationMapping } from "../../src/api/rest/organizations/mapping.ts";
import { workspaceMapping } from "../../src/api/rest/workspaces/mapping.ts";
import { configFrom } from "../../src/platform/config/config.ts";

/** A schema of the contract. `x-required-later`: fields that later clients rely on. */
interface Schema {
  properties: Record<string, { enum?: string[]; "x-enum-later"?: string[] }>;
  required?: string[];
  "x-required-later"?: string[];
}

const contract = JSON.parse(readFileSync(new URL("../contract/platform-v1beta1.json", import.meta.url), "utf8"));
const contractOf = (name: string): Schema => contract.components.schemas[name];
const fieldsOf = (name: string) => Object.keys(contractOf(name).properties).sort();

const mappings = {
  Deployment: deploymentMapping(configFrom({})),
  Workspace: workspaceMapping,
  Cluster: clusterMapping,
  Organization: organizationMapping,
};

describe("the table of fields", () => {
  it.each(Object.entries(mappings))("has every field of a %s of the contract", (name, mapping) => {
    expect(Object.keys(mapping).sort()).toEqual(fieldsOf(name));
  });
});

describe("the answers about Deployments", () => {
  /** The schemas by the name that they have in the contract. */
  const schemas: [string, z.ZodObject][] = [["Deployment", Deployment]];
  const add = (schema: z.core.$ZodType) => {
    if (schema instanceof z.ZodOptional) return add(schema.unwrap());
    if (schema instanceof z.ZodArray) return add(schema.element);
    if (!(schema instanceof z.ZodObject)) return;
    const { id = "" } = schema.meta() ?? {};
    if (id !== "Deployment") schemas.push([id, schema]);
    for (const field of Object.values(schema.shape)) add(field);
  };
  add(Deployment);
  for (const schema of Object.values(related)) add(schema);

  it.each(schemas)("has the fields of %s, and always those that are required", (name, schema) => {
    const { required = [], "x-required-later": later = [], properties } = contractOf(name);
    expect(Object.keys(schema.shape).sort()).toEqual(fieldsOf(name));
    const always = Object.entries(schema.shape).filter(([, field]) => !(field instanceof z.ZodOptional));
    const names = always.map(([field]) => field);
    for (const field of [...required, ...later]) expect(names).toContain(field);
    for (const [field, value] of Object.entries(schema.shape)) {
      const inner = value instanceof z.ZodOptional ? value.unwrap() : value;
      if (!(inner instanceof z.ZodEnum)) continue;
      const { enum: values = [], "x-enum-later": more = [] } = properties[field] ?? {};
      expect([...inner.options].sort()).toEqual([...values, ...more].sort());
    }
  });
});
