import { readFileSync } from "node:fs";
import { buildSchema, parse, validate } from "graphql";
import { describe, expect, it } from "vitest";
import operations from "../contract/houston-operations.json" with { type: "json" };
import { outcomeOf } from "../support/outcome.ts";
import { everyCall, missing } from "./everyCall.ts";
import { barest, documentOf, openIds, spellings, unknownArguments, variableOf, whole } from "./spellings.ts";

const { as, build, scene, valuesFor, send, isLeaf } = await everyCall();

const schema = buildSchema(readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8"));
const roots = {
  query: schema.getQueryType(),
  mutation: schema.getMutationType(),
  subscription: schema.getSubscriptionType(),
};
const fieldOf = (kind: string, name: string) => roots[kind as keyof typeof roots]?.getFields()[name];

const known = spellings
  .filter(({ kind, field }) => fieldOf(kind, field))
  .map(whole)
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

  it.each(known)("$title is a valid document", (spelling) => {
    expect(
      validate(schema, parse(documentOf(spelling, isLeaf({ kind: spelling.kind, name: spelling.field })))),
    ).toEqual([]);
  });

  it.each(known)("$title runs", async (spelling) => {
    const answer = await send(
      await systemAdmin,
      documentOf(spelling, isLeaf({ kind: spelling.kind, name: spelling.field })),
      await valuesFor(spelling.field),
    );
    expect(outcomeOf(answer)).toBe(missing[spelling.field] ?? "ok");
    if (!(spelling.field in missing)) expect(answer.data[spelling.field]).toBeDefined();
  });

  it("leaves out what only the design of a later release spells", () => {
    expect(unknownArguments).toEqual(["adoptDeployment.input"]);
  });
});

/** Operations that need more than the contract requires: what is named where they are given nothing. */
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

describe("a call that names nothing", () => {
  it.each(operations)("needs no more than the contract says, or is refused by name: $name", async (one) => {
    const outcomes: string[] = [];
    // Left out, null, and empty as clients send it.
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
  ])("is refused by name: %s", async (_, document, argument) => {
    const { workspace } = await scene();
    const variables = document.includes("$w") ? { w: workspace.id } : {};
    const answer = await as(await build.systemAdmin()).send(document, variables);
    expect(outcomeOf(answer)).toBe(`BAD_USER_INPUT ${argument}`);
    expect(answer.errors?.[0]?.message).toContain(argument);
  });
});
