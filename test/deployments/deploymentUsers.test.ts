import { describe, expect, it } from "vitest";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build } = await testHouston();

const USERS = `query ($deploymentId: Id!, $user: UserSearch) {
  deploymentUsers(deploymentId: $deploymentId, user: $user) { id roleBindings { role deployment { id } } }
}`;

const { deployment, admin, editor, viewer, home } = await build.deployment();
const idsOf = (users: { id: string }[]) => users.map(({ id }) => id).sort();

describe("deploymentUsers", () => {
  it("lists users with a role in the Deployment itself, in two statements", async () => {
    const { result, statements } = await countStatements(() =>
      as(viewer).send(USERS, { deploymentId: deployment.id, user: { email: "" } }),
    );
    expect(idsOf(result.data.deploymentUsers)).toEqual([admin.id, editor.id, viewer.id].sort());
    const own = result.data.deploymentUsers.find(({ id }: { id: string }) => id === editor.id);
    expect(own.roleBindings).toEqual([{ role: "DEPLOYMENT_EDITOR", deployment: { id: deployment.id } }]);
    expect(statements).toHaveLength(2);
  });

  it.each([
    [{ email: editor.email.toUpperCase() }, [editor.id]],
    [{ userId: viewer.id, username: viewer.username }, [viewer.id]],
    [{ email: editor.email, username: viewer.username }, []],
    [{ userId: home?.admin.id }, []],
  ])("searches for %j", async (user, ids) => {
    const { data } = await as(home?.admin).send(USERS, { deploymentId: deployment.id, user });
    expect(idsOf(data.deploymentUsers)).toEqual(ids);
  });

  it("denies Workspace Editors, other users and anonymous callers", async () => {
    const other = await build.deployment();
    const variables = { deploymentId: deployment.id };
    for (const someone of [home?.editor, home?.outsider, other.admin]) {
      expect(outcomeOf(await as(someone).send(USERS, variables))).toBe("FORBIDDEN");
    }
    expect(outcomeOf(await as(undefined).send(USERS, variables))).toBe("UNAUTHENTICATED");
  });

  it("rejects an unknown, a deleted and a missing Deployment", async () => {
    const systemAdmin = await build.systemAdmin();
    const gone = await build.deployment({ deletedAt: new Date() });
    const outcome = async (deploymentId: string) => outcomeOf(await as(systemAdmin).send(USERS, { deploymentId }));
    expect(await outcome("nowhere")).toBe("NOT_FOUND deploymentId");
    expect(await outcome(gone.deployment.id)).toBe("NOT_FOUND deploymentId");
    expect(await outcome("")).toBe("BAD_USER_INPUT deploymentId");
  });
});
