import { describe, expect, it } from "vitest";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build } = await testHouston();

const ALL = "{ sysWorkspaces { id label users { username } deployments { releaseName } } }";

describe("sysWorkspaces", () => {
  it("lists every Workspace to system roles, in two statements", async () => {
    const { deployment, home } = await build.deployment();
    await build.workspace();
    const viewer = await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] });
    const { result, statements } = await countStatements(() => as(viewer).send(ALL));
    expect(result.data.sysWorkspaces).toHaveLength(2);
    expect(result.data.sysWorkspaces[0]).toMatchObject({
      id: home?.workspace.id,
      deployments: [{ releaseName: deployment.releaseName }],
    });
    expect(result.data.sysWorkspaces[0].users).toHaveLength(3);
    expect(statements).toHaveLength(2);
  });

  it("denies everyone else", async () => {
    const { admin, workspace } = await build.workspace();
    const account = await build.serviceAccount({ role: "WORKSPACE_ADMIN", workspaceId: workspace.id });
    expect(outcomeOf(await as(admin).send(ALL))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(account).send(ALL))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(ALL))).toBe("UNAUTHENTICATED");
  });
});
