import { type GraphQLObjectType, getNamedType, isLeafType } from "graphql";
import { describe, expect, it } from "vitest";
import { createSchema } from "../../src/api/graphql/createSchema.ts";
import { nouns } from "../../src/services/nouns.ts";
import { testHouston } from "../support/houston.ts";

// For wide selections; the limits have their own tests.
const { as, build, db } = await testHouston({ limits: { tokens: 1_000, aliases: 60, repetitions: 60 } });

describe("a selection", () => {
  it("returns aliases, fragments, directives, merged fields and __typename as GraphQL specifies", async () => {
    const { workspace, admin, viewer } = await build.workspace({ description: "Words" });
    const { data, errors } = await as(admin).send(
      `query ($id: Uuid!, $yes: Boolean!, $no: Boolean!) {
        workspace(workspaceUuid: $id) { __typename name: label label ...Words again: users { id } }
        workspace(workspaceUuid: $id) { description @skip(if: $yes) uuid @include(if: $yes) id @include(if: $no) }
      }
      fragment Words on Workspace {
        users { ... on User { emails { address } } username }
        users { __typename }
        workspaceCapabilities { may: canUpdateIAM canUpdateBilling }
      }`,
      { id: workspace.id, yes: true, no: false },
    );
    expect(errors).toBeUndefined();
    expect(data.workspace).toEqual({
      __typename: "Workspace",
      name: workspace.label,
      label: workspace.label,
      uuid: workspace.id,
      again: data.workspace.again,
      users: expect.arrayContaining([
        { __typename: "User", username: viewer.username, emails: [{ address: viewer.email }] },
      ]),
      workspaceCapabilities: { may: true, canUpdateBilling: false },
    });
    expect(data.workspace.again).toHaveLength(3);
  });

  it("uses the variables of each execution of a document", async () => {
    const { workspace, admin } = await build.workspace();
    const document = `query ($id: Uuid!, $with: Boolean!) { workspace(workspaceUuid: $id) { id label @include(if: $with) } }`;
    for (const round of [true, false, true, false, true]) {
      const { data } = await as(admin).send(document, { id: workspace.id, with: round });
      expect(data.workspace).toEqual(round ? { id: workspace.id, label: workspace.label } : { id: workspace.id });
    }
  });

  it("returns more fields of a row than a PostgreSQL function accepts arguments", async () => {
    const { deployment, admin } = await build.deployment();
    const schema = createSchema(nouns);
    const leaves = Object.values((schema.getType("Deployment") as GraphQLObjectType).getFields())
      .filter(({ type }) => isLeafType(getNamedType(type)))
      .map(({ name }) => name);
    const aliases = Array.from({ length: 51 - leaves.length }, (_, n) => `a${n}: label`);
    const { data, errors } = await as(admin).send(
      `query ($id: String!) { deployment(where: { id: $id }) { ${[...leaves, ...aliases].join(" ")} } }`,
      { id: deployment.id },
    );
    expect(errors).toBeUndefined();
    expect(Object.keys(data.deployment)).toHaveLength(51);
    expect(data.deployment).toMatchObject({
      a0: deployment.label,
      config: deployment.config,
      createdAt: deployment.createdAt.toISOString(),
    });
  });
});

describe("permissions in nested fields", () => {
  it("return null or an empty list without an error where the caller lacks them", async () => {
    const { deployment, viewer, home } = await build.deployment();
    const { data, errors } = await as(viewer).send(
      `query ($id: String!) { deployment(where: { id: $id }) { id label workspace { label } roleBindings { role } environmentVariables { key } } }`,
      { id: deployment.id },
    );
    expect(errors).toBeUndefined();
    expect(data.deployment).toMatchObject({ id: deployment.id, workspace: null });
    expect(data.deployment.roleBindings).toHaveLength(3);

    const { data: seen } = await as(home?.viewer).send(
      `query ($id: Uuid!) { workspaceDeployments(workspaceUuid: $id) { id roleBindings { role } environmentVariables { key } serviceAccounts { id } workspace { invites { email } users { id } } } }`,
      { id: home?.workspace.id },
    );
    expect(seen.workspaceDeployments).toEqual([
      {
        id: deployment.id,
        roleBindings: [],
        environmentVariables: [],
        serviceAccounts: [],
        workspace: { invites: null, users: expect.any(Array) },
      },
    ]);
    expect(seen.workspaceDeployments[0].workspace.users).toHaveLength(3);
  });

  it("include a user's roles only for callers who may see users", async () => {
    const [here, other] = [await build.workspace(), await build.workspace()];
    const both = await build.user({
      roles: [
        { role: "WORKSPACE_VIEWER", workspaceId: here.workspace.id },
        { role: "WORKSPACE_ADMIN", workspaceId: other.workspace.id },
        { role: "SYSTEM_VIEWER" },
      ],
    });
    const { data } = await as(here.viewer).send(
      `query ($id: Uuid!, $email: String!) { workspaceUser(workspaceUuid: $id, user: { email: $email }) { roleBindings { role workspace { id } } } }`,
      { id: here.workspace.id, email: both.email },
    );
    expect(data.workspaceUser.roleBindings).toEqual([
      { role: "WORKSPACE_VIEWER", workspace: { id: here.workspace.id } },
    ]);
  });

  it("change with the next request after a role is removed", async () => {
    const { workspace, viewer } = await build.workspace();
    const document = `query ($id: Uuid!) { workspace(workspaceUuid: $id) { id } }`;
    expect((await as(viewer).send(document, { id: workspace.id })).data.workspace).toEqual({ id: workspace.id });
    await db.roleBinding.deleteMany({ where: { userId: viewer.id } });
    expect((await as(viewer).send(document, { id: workspace.id })).errors).toMatchObject([
      { extensions: { code: "FORBIDDEN" } },
    ]);
  });
});
