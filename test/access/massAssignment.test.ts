import { isRequiredArgument } from "graphql";
import { expect, it } from "vitest";
import { createAlphaSchema } from "../../src/api/alpha/createAlphaSchema.ts";
import { REST_PREFIX } from "../../src/api/http/restPrefix.ts";
import { routes } from "../../src/api/rest/routes.ts";
import { everyCall } from "../clients/everyCall.ts";
import { barest, isRequired, type Operation } from "../clients/spellings.ts";
import operations from "../contract/houston-operations.json" with { type: "json" };
import { examples } from "../rest/examples.ts";
import { createAlpha } from "../support/alpha.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db, url, valuesFor, isLeaf } = await everyCall();
const admin = await build.systemAdmin();

/** What an attacker adds to an object, hoping that it is stored with the rest. */
const extra = {
  ...{ role: "SYSTEM_ADMIN", systemRole: "SYSTEM_ADMIN", isAdmin: true, status: "active", verified: true },
  ...{ roleBindings: [{ role: "SYSTEM_ADMIN" }], permissions: ["system.iam.update"] },
  ...{ id: "cmz0000000000000000000000", createdBy: "user:somebody" },
};

/** Arguments that take any object, which is stored and returned as it is. */
const freeForm = [
  "createDeployment.properties",
  "upsertDeployment.properties",
  "registerCluster.deploymentsConfigOverride",
  "updateCluster.deploymentsConfigOverride",
  "updateCluster.statusReason",
  "updateDeploymentImage.dockerconfigjson",
  "upsertDeployment.dockerconfigjson",
];

/** The fields that give system roles, to those who hold them. */
const givesSystemRoles = ["createSystemRoleBinding", "createSystemServiceAccount", "createTeamSystemRoleBinding"];

/** Every role that is held on the platform or an Organization, and the rows that hold them. */
const highRoles = () =>
  db.roleBinding.findMany({ where: { workspaceId: null, deploymentId: null }, orderBy: { id: "asc" } });

const mutations = operations.filter(({ kind }) => kind === "mutation");
const plain = /^(String|Int|Boolean|Float|Uuid|ID|Id|DateTime|[A-Z]\w*Type|Operator|Role)$/;
const isObject = ({ type }: Operation["args"][number]) => !plain.test(type.replaceAll(/[[\]!]/g, ""));

it.each(mutations)("M8: $name takes no roles and no fields that it does not list", async (one) => {
  const values = await valuesFor(one.name);
  const call = (also: Operation["args"], changed: object = {}) =>
    as(admin).send(barest(one, also, isLeaf(one)), { ...values, ...changed });

  const document = barest(one, [], isLeaf(one));
  for (const name of ["role", "isAdmin", "createdBy"].filter((name) => !one.args.some((arg) => arg.name === name))) {
    const value = name === "role" ? "SYSTEM_ADMIN" : "true";
    const start = `{ ${one.name}`;
    const named = document.includes(`${start}(`)
      ? document.replace(`${start}(`, `${start}(${name}: ${value}, `)
      : document.replace(start, `${start}(${name}: ${value})`);
    expect(outcomeOf(await as(admin).send(named, values))).toBe("GRAPHQL_VALIDATION_FAILED");
  }

  for (const arg of one.args) {
    const also = isRequired(arg) ? [] : [arg];
    if (arg.name === "role" && !givesSystemRoles.includes(one.name)) {
      const before = await highRoles();
      expect(outcomeOf(await call(also, { role: "SYSTEM_ADMIN" }))).toMatch(/^(BAD_USER_INPUT|NOT_FOUND)/);
      expect(await highRoles()).toEqual(before);
    }
    if (!isObject(arg)) continue;
    const given = values[arg.name];
    const before = await highRoles();
    const extended = Array.isArray(given)
      ? given.map((item) => ({ ...item, ...extra }))
      : { ...(given as object), ...extra };
    const outcome = outcomeOf(await call(also, { [arg.name]: extended }));
    if (!freeForm.includes(`${one.name}.${arg.name}`)) expect(outcome).toMatch(/^BAD_USER_INPUT/);
    expect(await highRoles()).toEqual(before);
  }
});

const scene = await examples(build, db);

it.each(routes.filter(({ body }) => body))("M8: $operationId takes no fields that it does not list", async (route) => {
  const { path, body } = scene.of(route.operationId);
  const names: string[] = [];
  for (const [name, value] of Object.entries({ ...extra, organizationId: "cmz0000000000000000000000" })) {
    if (body && name in body) continue;
    const response = await fetch(`${url}${REST_PREFIX}${path}`, {
      method: route.method,
      headers: { authorization: `Bearer ${admin.token}`, "content-type": "application/json" },
      body: JSON.stringify({ ...body, [name]: value }),
    });
    const answer = (await response.json()) as { fieldErrors?: { field: string }[] };
    expect([name, response.status]).toEqual([name, 400]);
    names.push(...(answer.fieldErrors ?? []).map(({ field }) => field));
  }
  expect(names).toContain("isAdmin");
});

it("M8: no mutation of the alpha API takes fields that it does not list", async () => {
  const { organization, owner } = await build.organization();
  const fields = Object.values(createAlphaSchema().getMutationType()?.getFields() ?? {});
  expect(fields.length).toBeGreaterThan(5);
  for (const { name, args } of fields) {
    const given = args.filter(isRequiredArgument).map((arg) => `${arg.name}: $${arg.name}`);
    const declared = args.filter(isRequiredArgument).map((arg) => `$${arg.name}: ${arg.type}`);
    const head = declared.length > 0 ? `(${declared.join(", ")})` : "";
    const document = `mutation ${head} { ${name}(${[...given, "isAdmin: true"].join(", ")}) { __typename } }`;
    const { errors } = await createAlpha(url)(owner, { organization: organization.id }).send(document);
    expect(errors?.[0]?.message).toMatch(/^Unknown argument "isAdmin"/);
  }
  const makeKey = 'mutation { createApiKey(name: "Router", role: "SYSTEM_ADMIN") { success code } }';
  const { data } = await createAlpha(url)(owner, { organization: organization.id }).send(makeKey);
  expect(data?.createApiKey?.success ?? false).toBe(false);
});
