import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { deploymentCalls } from "./deploymentCalls.ts";
import { secondOrganization } from "./secondOrganization.ts";

const { build, db, url, as } = await testHouston({ deployments: { hardDeleteDeployment: true } });
const rest = deploymentCalls(url);
const other = await secondOrganization(db, build);

const rowOf = (id: string) => db.deployment.findUnique({ where: { id } });

describe("deleteDeployment", () => {
  it("removes the Deployment and frees its release name", async () => {
    const { deployment, admin } = await build.deployment();
    expect(await rest(admin).delete(`/${deployment.id}`)).toMatchObject({ status: 204, body: undefined });
    expect(await rowOf(deployment.id)).toBeNull();
    expect(await db.releaseName.findUnique({ where: { name: deployment.releaseName } })).toBeNull();
  });

  it("keeps the row where hard deletes are not allowed, and hides it from both APIs", async () => {
    const soft = await testHouston({ deployments: { hardDeleteDeployment: false } });
    const { deployment, home } = await soft.build.deployment();
    const calls = deploymentCalls(soft.url)(home?.admin);
    expect((await calls.delete(`/${deployment.id}`)).status).toBe(204);
    expect(await soft.db.deployment.findUnique({ where: { id: deployment.id } })).toMatchObject({
      deletedAt: expect.any(Date),
      updatedBy: `user:${home?.admin.id}`,
    });
    expect((await calls.get(`/${deployment.id}`)).status).toBe(404);
    expect((await calls.get("")).body.totalCount).toBe(0);
  });

  it("answers 404 the second time, also to one of two requests at once", async () => {
    const { deployment, home } = await build.deployment();
    const calls = rest(home?.admin);
    const answers = await Promise.all([calls.delete(`/${deployment.id}`), calls.delete(`/${deployment.id}`)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 404]);
    const { status, body } = await calls.delete(`/${deployment.id}`);
    expect(status).toBe(404);
    expect(body.message).toContain("deploymentId");
  });

  it("rejects a cordoned Deployment with the reason", async () => {
    const { deployment, admin } = await build.deployment({ isCordoned: true, cordonReason: "Moving" });
    const { status, body } = await rest(admin).delete(`/${deployment.id}`);
    expect(status).toBe(400);
    expect(body.message).toContain("Moving");
    expect(await rowOf(deployment.id)).not.toBeNull();
  });

  it("denies those who see it but may not delete it, and hides it from the others", async () => {
    const { deployment, viewer, editor, home } = await build.deployment();
    const path = `/${deployment.id}`;
    for (const caller of [viewer, editor, home?.viewer]) expect((await rest(caller).delete(path)).status).toBe(403);
    expect((await rest(home?.outsider).delete(path)).status).toBe(404);
    expect((await rest(undefined).delete(path)).status).toBe(401);
    expect(await rowOf(deployment.id)).not.toBeNull();
  });

  it("deletes nothing of another Organization", async () => {
    const { id } = other.inside.deployment;
    const admin = await build.systemAdmin();
    expect((await rest(admin).delete(`/${id}`)).status).toBe(404);
    expect((await rest(other.inside.admin).delete(`/${id}`)).status).toBe(404);
    expect((await rest((await build.deployment()).admin, other.path).delete(`/${id}`)).status).toBe(403);
    expect(await rowOf(id)).not.toBeNull();
    expect((await rest(other.inside.admin, other.path).delete(`/${id}`)).status).toBe(204);
  });

  it("ends what belonged to it over GraphQL too", async () => {
    const { deployment, admin } = await build.deployment();
    const account = await build.serviceAccount({ role: "DEPLOYMENT_EDITOR", deploymentId: deployment.id });
    expect((await rest(admin).delete(`/${deployment.id}`)).status).toBe(204);
    const { errors } = await as(account).send("{ workspaces { id } }");
    expect(errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
  });
});
