import { readFileSync } from "node:fs";
import { buildSchema, parse, validate } from "graphql";
import { describe, expect, it } from "vitest";
import operations from "../contract/houston-operations.json" with { type: "json" };
import { outcomeOf } from "../support/outcome.ts";
import { everyCall, missing } from "./everyCall.ts";
import { barest, complete, documentOf, openIds, spellings, unknownArguments, variableOf } from "./spellings.ts";

const { as, build, scene, valuesFor, send, isLeaf } = await everyCall();

const schema = buildSchema(readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8"));
const roots = {
  query: schema.getQueryType(),
  mutation: schema.getMutationType(),
  subscription: schema.getSubscriptionType(),
};
const fieldOf = (kind: string, name: string) => roots[kind as keyof typeof roots]?.getFields()[name];

const existing = spellings
  .filter(({ kind, field }) => fieldOf(kind, field))
  .map(complete)
  .map((spelling) => ({ ...spelling, title: `${spelling.field}, $${variableOf(spelling.path)}: ${spelling.type}` }));

describe("every spelling that clients use", () => {
  const systemAdmin = build.systemAdmin();

  it.each(operations.filter(({ kind, name }) => fieldOf(kind, name)))(
    "$name has every argument of the contract",
    ({ kind, name, args, variableTypes = {} }) => {
      const ours = new Map(fieldOf(kind, name)?.args.map((arg) => [arg.name, arg.type.toString()]));
      for (const { name: arg, type } of args) {
        const declared = Object.keys((variableTypes as Record<string, object>)[arg] ?? {});
        const open = declared.some((one) => !one.endsWith("!"));
        expect(open ? [type, type.replace(/!$/, "")] : [type]).toContain(ours.get(arg));
      }
    },
  );

  it.each(existing)("$title is a valid document", (spelling) => {
    expect(
      validate(schema, parse(documentOf(spelling, isLeaf({ kind: spelling.kind, name: spelling.field })))),
    ).toEqual([]);
  });

  it.each(existing)("$title runs", async (spelling) => {
    const answer = await send(
      await systemAdmin,
      documentOf(spelling, isLeaf({ kind: spelling.kind, name: spelling.field })),
      await valuesFor(spelling.field),
    );
    expect(outcomeOf(answer)).toBe(missing[spelling.field] ?? "ok");
    if (!(spelling.field in missing)) expect(answer.data[spelling.field]).toBeDefined();
  });

  it("lacks only what the design of a later release spells", () => {
    expect(unknownArguments).toEqual(["adoptDeployment.input"]);
  });
});

/** Operations that require more than the contract does, and the arguments that the error names. */
const alternatives: Record<string, string> = {
  serviceAccounts: "entityUuid",
  createServiceAccount: "entityUuid",
  createToken: "identity",
  deleteInviteToken: "inviteUuid",
  deploymentStatus: "releaseName",
  removeTeam: "teamUuid, name",
  removeUser: "userUuid, id",
  updateTeam: "id, name",
  upsertDeployment: "deploymentUuid or releaseName or workspaceUuid",
  validateGitSyncCredentials: "deploymentUuid or workspaceUuid",
  workspaceAddUser: "workspaceUuid",
  workspaceRemoveUser: "userUuid, email",
};

describe("a call without optional IDs", () => {
  it.each(operations)("works, or is rejected with the name of the argument: $name", async (one) => {
    const outcomes: string[] = [];
    // Omitted, null, and empty as clients send it.
    for (const none of [undefined, null, ""]) {
      const ids = none === undefined ? [] : openIds(one);
      const values = { ...(await valuesFor(one.name)), ...Object.fromEntries(ids.map(({ name }) => [name, none])) };
      const answer = await send(await build.systemAdmin(), barest(one, ids, isLeaf(one)), values);
      outcomes.push(outcomeOf(answer));
    }
    const refused = alternatives[one.name];
    const expected = refused === undefined ? (missing[one.name] ?? "ok") : `BAD_USER_INPUT ${refused}`;
    expect(outcomes).toEqual([expected, expected, expected]);
  });

  it.each([
    [
      "createToken, empty",
      `mutation { createToken(identity: "", password: "long enough") { __typename } }`,
      "identity",
    ],
    ["deployment", `{ deployment(where: {}) { id } }`, "where.id or where.releaseName"],
    ["airflowRelease", `{ airflowRelease(where: {}) { version } }`, "where"],
    ["email", `{ email(where: {}) { id } }`, "where"],
    ["workspaceUser", `query ($w: Uuid!) { workspaceUser(workspaceUuid: $w, user: {}) { id } }`, "user"],
    [
      "upsertDeployment",
      `mutation { upsertDeployment(label: "x") { id } }`,
      "deploymentUuid or releaseName or workspaceUuid",
    ],
    ["workspaceDeployments", `{ workspaceDeployments { id } }`, "workspaceUuid"],
    ["deleteWorkspace", `mutation { deleteWorkspace { id } }`, "workspaceUuid"],
  ])("is rejected with the name of the argument: %s", async (_, document, argument) => {
    const { workspace } = await scene();
    const variables = document.includes("$w") ? { w: workspace.id } : {};
    const answer = await as(await build.systemAdmin()).send(document, variables);
    expect(outcomeOf(answer)).toBe(`BAD_USER_INPUT ${argument}`);
    expect(answer.errors?.[0]?.message).toContain(argument);
  });
});
