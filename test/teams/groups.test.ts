import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build } = await testHouston();

const GROUPS = `query ($entityType: String, $entityUuid: Uuid) {
  groups(entityType: $entityType, entityUuid: $entityUuid) { uuid label users { id } }
}`;

const { workspace, admin } = await build.workspace();
const { deployment } = await build.deployment();
const one = await build.team({ roles: [{ role: "WORKSPACE_VIEWER", workspaceId: workspace.id }] });
const two = await build.team({ roles: [{ role: "DEPLOYMENT_VIEWER", deploymentId: deployment.id }] });
const boss = await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] });

describe("groups", () => {
  it("returns teams under their legacy name", async () => {
    for (const given of [{}, { entityType: "", entityUuid: "" }, { entityType: "system", entityUuid: workspace.id }]) {
      const { data } = await as(boss).send(GROUPS, given);
      expect(data.groups).toEqual(
        [one, two].map(({ team, member }) => ({ uuid: team.id, label: team.name, users: [{ id: member.id }] })),
      );
    }
  });

  it("filters by Workspace or Deployment", async () => {
    const ids = async (entityType: string, entityUuid: string) =>
      (await as(boss).send(GROUPS, { entityType, entityUuid })).data.groups.map(({ uuid }: { uuid: string }) => uuid);
    expect(await ids("workspace", workspace.id)).toEqual([one.team.id]);
    expect(await ids("DEPLOYMENT", deployment.id)).toEqual([two.team.id]);
    expect(await ids("WORKSPACE", deployment.id)).toEqual([]);
  });

  it("rejects other entity types, a type without an ID, lesser roles and anonymous callers", async () => {
    expect(outcomeOf(await as(boss).send(GROUPS, { entityType: "galaxy" }))).toBe("BAD_USER_INPUT entityType");
    expect(outcomeOf(await as(boss).send(GROUPS, { entityType: "WORKSPACE" }))).toBe("BAD_USER_INPUT entityUuid");
    expect(outcomeOf(await as(admin).send(GROUPS))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(GROUPS))).toBe("UNAUTHENTICATED");
  });
});
