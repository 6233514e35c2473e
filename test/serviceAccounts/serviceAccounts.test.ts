import { describe, expect, it } from "vitest";
import { DENIED } from "../../src/platform/errors/appError.ts";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";

const { as, build } = await testHouston();

const LIST = `query ($id: Uuid, $entityType: EntityType!, $entityUuid: Uuid) {
  serviceAccounts(serviceAccountUuid: $id, entityType: $entityType, entityUuid: $entityUuid) { id roleBindings { role } }
}`;

const { deployment, viewer, home } = await build.deployment();
const workspaceViewer = home?.viewer;
const systemViewer = await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] });
const ofSystem = await build.serviceAccount({ role: "SYSTEM_EDITOR" });
const ofWorkspace = await build.serviceAccount({ role: "WORKSPACE_EDITOR", workspaceId: deployment.workspaceId });
const ofDeployment = await build.serviceAccount({ role: "DEPLOYMENT_EDITOR", deploymentId: deployment.id });
await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: (await build.workspace()).workspace.id });

const levels = [
  ["SYSTEM", null, systemViewer, ofSystem, ofWorkspace],
  ["WORKSPACE", deployment.workspaceId, workspaceViewer, ofWorkspace, ofDeployment],
  ["DEPLOYMENT", deployment.id, viewer, ofDeployment, ofSystem],
] as const;

describe("serviceAccounts", () => {
  it.each(levels)(
    "lists the accounts of one level, or the requested one (%s)",
    async (entityType, entityUuid, someone, own) => {
      const expected = [{ id: own.id, roleBindings: [{ role: `${entityType}_EDITOR` }] }];
      for (const id of [own.id, "", null, undefined]) {
        const { result, statements } = await countStatements(() =>
          as(someone).send(LIST, { id, entityType, entityUuid }),
        );
        expect(result.data.serviceAccounts).toEqual(expected);
        expect(statements.filter((sql) => !sql.includes("graphile_worker"))).toHaveLength(2);
      }
      const { data } = await as(systemViewer).send(LIST, { entityType, entityUuid });
      expect(data.serviceAccounts).toEqual(expected);
    },
  );

  it.each(levels)(
    "returns an empty list for an account of another level (%s)",
    async (entityType, entityUuid, someone, _, other) => {
      for (const id of [other.id, "nowhere"]) {
        const { data, errors } = await as(someone).send(LIST, { id, entityType, entityUuid });
        expect(data.serviceAccounts).toBeNull();
        expect(errors).toMatchObject([{ extensions: { code: "NOT_FOUND", argument: "serviceAccountUuid" } }]);
      }
    },
  );

  it.each([
    ["SYSTEM", null, workspaceViewer],
    ["SYSTEM", deployment.workspaceId, workspaceViewer],
    ["SYSTEM", null, undefined],
    ["WORKSPACE", deployment.workspaceId, viewer],
    ["WORKSPACE", "nowhere", workspaceViewer],
    ["WORKSPACE", deployment.id, viewer],
    ["DEPLOYMENT", deployment.id, workspaceViewer],
    ["DEPLOYMENT", deployment.id, undefined],
  ])("denies callers without the permission there (%s)", async (entityType, entityUuid, someone) => {
    const { errors } = await as(someone).send(LIST, { entityType, entityUuid });
    expect(errors).toMatchObject([{ message: DENIED }]);
  });

  it.each([
    ["WORKSPACE", "", "BAD_USER_INPUT"],
    ["DEPLOYMENT", null, "BAD_USER_INPUT"],
    ["WORKSPACE", "nowhere", "NOT_FOUND"],
    ["DEPLOYMENT", deployment.workspaceId, "NOT_FOUND"],
  ])("names the invalid argument (%s %j)", async (entityType, entityUuid, code) => {
    const { errors } = await as(systemViewer).send(LIST, { entityType, entityUuid });
    expect(errors).toMatchObject([{ message: expect.stringContaining("entityUuid"), extensions: { code } }]);
  });
});
