import { GraphQLNonNull, type GraphQLObjectType } from "graphql";
import { expect, it } from "vitest";
import { z } from "zod";
import type { Context } from "../../../src/access/context.ts";
import { readRow } from "../../../src/api/rest/routing/decide.ts";
import { readerOf, type View } from "../../../src/api/rest/routing/views.ts";
import { testHouston } from "../../support/houston.ts";

const { app, build, db } = await testHouston();

const inner = z.strictObject({ id: z.string(), label: z.string().optional() });
const workspace: View<"Workspace"> = {
  schema: z.strictObject({
    id: z.string(),
    createdAt: z.iso.datetime(),
    missing: z.string().optional(),
    missingTime: z.iso.datetime().optional(),
    always: z.string(),
    secret: z.string().optional(),
    list: z.array(z.string()),
    deployments: z.array(inner),
  }),
  requires: { secret: ["system.organizations.update"] },
  entity: {
    table: "Workspace",
    visible: [{ permission: "system.workspace.get" }],
    scope: { workspace: "id" },
    order: "$row.id",
    fields: {
      missing: { sql: "NULL::text" },
      missingTime: { sql: "NULL::timestamp" },
      always: { sql: "NULL::text" },
      secret: { column: "label" },
      list: { json: `'["a","b"]'` },
      deployments: { many: "Deployment", theirs: "workspaceId", implied: true },
    },
  },
};
const deployment: View<"Deployment"> = {
  schema: inner,
  entity: { table: "Deployment", visible: [], scope: {}, order: "$row.label", fields: {} },
};
const reader = readerOf({ Workspace: workspace, Deployment: deployment });

const readAs = async ({ id }: { id: string }, where: { id: string }, rest: object = {}) => {
  const ctx = { roles: app.services.roles, pool: app.services.pool, caller: { kind: "user", id } } as Context;
  const text = await readRow(ctx, reader, { view: "Workspace", where, ...rest });
  return text && JSON.parse(text);
};

it("a view is a type whose optional fields are nullable", () => {
  const fields = (reader.schema.getType("Workspace") as GraphQLObjectType).getFields();
  const nullable = Object.keys(fields).filter((key) => !(fields[key]?.type instanceof GraphQLNonNull));
  expect(nullable).toEqual(["missing", "missingTime", "secret"]);
  expect(reader.fieldsOf("Workspace").find(({ name }) => name === "deployments")?.fields).toMatchObject([
    { name: "id" },
    { name: "label" },
  ]);
  expect(reader.fieldsOf("User")).toEqual([]);
});

it("optional fields without a value are absent, and so are those that the caller may not see", async () => {
  const { deployment: row, home } = await build.deployment();
  const where = { id: home?.workspace.id ?? "" };
  const { createdAt, label } = await db.workspace.findUniqueOrThrow({ where });
  const shown = {
    ...{ ...where, createdAt: createdAt.toISOString(), always: null, list: ["a", "b"] },
    deployments: [{ id: row.id, label: row.label }],
  };
  expect(await readAs(await build.systemAdmin(), where)).toEqual({ ...shown, secret: label });
  const viewer = await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] });
  expect(await readAs(viewer, where)).toEqual(shown);
  expect(await readAs(viewer, where, { onlyVisible: true, fields: ["id"] })).toEqual(where);
  expect(await readAs(await build.user(), where, { onlyVisible: true, fields: ["id"] })).toBeUndefined();
});
