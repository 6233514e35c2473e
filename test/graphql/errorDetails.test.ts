import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { closingSockets, ofType, openAs, operationsOn, protocols, SUBSCRIBE } from "../support/sockets.ts";

const { as, build, db, url } = await testHouston({ deployments: { manualReleaseNames: true } });
const closing = closingSockets();
const DENIED = "You do not have the appropriate permissions for that";
const UNKNOWN = "cmi0000000000000000000000";

type Caller = { token: string } | undefined;
/** The first error of an operation. Sent twice: the second time, the document is known. */
async function errorOf(caller: Caller, query: string, variables: Record<string, unknown> = {}) {
  const first = (await as(caller).send(query, variables)).errors?.[0];
  expect((await as(caller).send(query, variables)).errors?.[0]).toEqual(first);
  return first;
}

describe("a denial", () => {
  const UPDATE = `mutation ($id: Uuid!) { updateWorkspace(workspaceUuid: $id, payload: { description: "a" }) { id } }`;
  const permission = ["workspace.config.update", "system.workspace.update"];

  it("names the permissions that would have been enough, for known and unknown rows alike", async () => {
    const { workspace, viewer, outsider } = await build.workspace();
    for (const [caller, code] of [
      [viewer, "FORBIDDEN"],
      [outsider, "FORBIDDEN"],
      [undefined, "UNAUTHENTICATED"],
      [{ token: "not.a.token" }, "UNAUTHENTICATED"],
    ] as const) {
      for (const id of [workspace.id, UNKNOWN]) {
        const error = await errorOf(caller, UPDATE, { id });
        expect(error).toMatchObject({ message: DENIED, extensions: { code, permission } });
      }
    }
    expect(
      (await as(await build.workspace().then(({ admin }) => admin)).send(UPDATE, { id: workspace.id })).errors,
    ).toHaveLength(1);
  });

  it("names them for a read that is known to the fast path", async () => {
    const query = "query ($id: Uuid!) { workspaceUsers(workspaceUuid: $id) { id } }";
    const { workspace, admin, outsider } = await build.workspace();
    const { viewer } = await build.deployment();
    for (let again = 0; again < 3; again += 1) {
      expect((await as(admin).send(query, { id: workspace.id })).errors).toBeUndefined();
      for (const caller of [outsider, viewer]) {
        expect((await errorOf(caller, query, { id: workspace.id }))?.extensions).toEqual({
          code: "FORBIDDEN",
          permission: expect.arrayContaining(["workspace.users.get"]),
        });
      }
    }
  });

  it("does not reveal whether or where a service account exists", async () => {
    const { workspace, outsider } = await build.workspace();
    const { deployment } = await build.deployment();
    const accounts = [
      await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: workspace.id }),
      await build.serviceAccount({ role: "DEPLOYMENT_VIEWER", deploymentId: deployment.id }),
      await build.serviceAccount({ role: "SYSTEM_VIEWER" }),
      { id: UNKNOWN },
    ];
    const remove = `mutation ($id: Uuid!) { deleteServiceAccount(serviceAccountUuid: $id) { id } }`;
    const errors = await Promise.all(accounts.map(({ id }) => errorOf(outsider, remove, { id })));
    for (const error of errors) expect(error).toEqual(errors[0]);
    expect(errors[0]?.extensions).toEqual({
      code: "FORBIDDEN",
      permission: [
        "system.serviceAccounts.delete",
        "workspace.serviceAccounts.delete",
        "deployment.serviceAccounts.delete",
      ],
    });
  });

  it("names the missing permissions of a role that the caller cannot grant", async () => {
    const [user, editor] = [await build.user(), await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] })];
    const grant = "mutation ($user: ID!) { createSystemRoleBinding(userId: $user, role: SYSTEM_ADMIN) { id } }";
    expect(await errorOf(editor, grant, { user: user.id })).toMatchObject({
      message: DENIED,
      extensions: { code: "FORBIDDEN", permission: expect.arrayContaining(["system.iam.update"]) },
    });
  });

  it("names none for a sign-in that is rejected", async () => {
    const signIn = `mutation { createToken(identity: "a@example.com", password: "wrong horse") { token { value } } }`;
    expect((await errorOf(undefined, signIn))?.extensions).toEqual({ code: "UNAUTHENTICATED" });
  });

  it.each(protocols)("names them over a WebSocket: %s", async (protocol) => {
    const { deployment } = await build.deployment();
    const { outsider } = await build.workspace();
    for (const token of [outsider.token, undefined]) {
      const socket = await closing(openAs(url, protocol, token));
      operationsOn(socket).start("1", SUBSCRIBE, { release: deployment.releaseName });
      const { payload } = await socket.next(({ type }) => ["error", "next"].includes(type));
      const { message, extensions } = payload.errors?.[0] ?? payload;
      expect(message).toBe(DENIED);
      expect(extensions.permission).toContain("deployment.status.get");
      operationsOn(socket).start("2", "{ users { id } }");
      const answer = await socket.next(({ type }) => ["data", "next"].includes(type));
      expect(answer.payload.errors[0].extensions.permission).toContain("system.users.get");
      if (protocol === "graphql-ws") await socket.next(ofType("complete"));
    }
  });
});

describe("a CONFLICT with an existing row", () => {
  const create = `mutation ($label: String!) { createWorkspace(label: $label) { id } }`;

  it("has the ID of a Workspace that the caller may see, and of no other", async () => {
    const { workspace, viewer, outsider } = await build.workspace();
    const reader = await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] });
    const conflict = { code: "CONFLICT", argument: "label" };
    const { label } = workspace;
    for (const caller of [viewer, reader]) {
      expect((await errorOf(caller, create, { label }))?.extensions).toEqual({ ...conflict, id: workspace.id });
    }
    expect((await errorOf(outsider, create, { label }))?.extensions).toEqual(conflict);
    const other = await build.workspace();
    const rename = `mutation ($id: Uuid!, $label: String) { updateWorkspace(workspaceUuid: $id, payload: { label: $label }) { id } }`;
    const given = { id: other.workspace.id, label };
    expect((await errorOf(other.admin, rename, given))?.extensions).toEqual({ ...conflict, argument: "payload.label" });
  });

  it("has the ID of a Deployment of the Workspace", async () => {
    const { deployment, home } = await build.deployment();
    const other = await build.deployment({ workspaceId: deployment.workspaceId });
    const add = `mutation ($label: String!, $id: Uuid!) { createDeployment(label: $label, type: "airflow", workspaceUuid: $id) { id } }`;
    const added = await errorOf(home?.admin, add, { label: deployment.label, id: deployment.workspaceId });
    expect(added?.extensions).toMatchObject({ code: "CONFLICT", id: deployment.id });
    const rename = `mutation ($label: String, $id: Uuid!) { updateDeployment(deploymentUuid: $id, payload: { label: $label }) { id } }`;
    const renamed = await errorOf(home?.admin, rename, { label: deployment.label, id: other.deployment.id });
    expect(renamed?.extensions).toMatchObject({ code: "CONFLICT", id: deployment.id });
    // An Admin of the other Deployment may not see this one.
    const unseen = await errorOf(other.admin, rename, { label: deployment.label, id: other.deployment.id });
    expect(unseen?.extensions).toEqual({ code: "CONFLICT", argument: "payload.label" });
  });

  it("has the ID of the role that a user already has", async () => {
    const { workspace, admin, viewer } = await build.workspace();
    const { address } = await db.email.findFirstOrThrow({ where: { userId: viewer.id } });
    const { id } = await db.roleBinding.findFirstOrThrow({ where: { userId: viewer.id } });
    const add = `mutation ($email: String!, $id: Uuid!) { workspaceAddUser(email: $email, workspaceUuid: $id, role: WORKSPACE_VIEWER) { id } }`;
    expect((await errorOf(admin, add, { email: address, id: workspace.id }))?.extensions).toMatchObject({
      code: "CONFLICT",
      id,
    });
  });

  it("has the ID of the user with a username only for callers who may see that user", async () => {
    const { viewer, admin, outsider } = await build.workspace();
    const username = "blue-viewer";
    await db.user.update({ where: { id: viewer.id }, data: { username } });
    const rename = `mutation ($username: String) { updateSelf(payload: { username: $username }) { id } }`;
    const argument = "payload.username";
    expect((await errorOf(outsider, rename, { username }))?.extensions).toEqual({ code: "CONFLICT", argument });
    expect((await errorOf(admin, rename, { username }))?.extensions).toEqual({
      code: "CONFLICT",
      argument,
      id: viewer.id,
    });
  });
});
