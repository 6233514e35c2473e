import { describe, expect, it } from "vitest";
import { signToken } from "../../src/access/jwt.ts";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";

const { url, build, db, config, app } = await testHouston({
  helm: { baseDomain: "example.com" },
  airflowAccess: { cacheDuration: 5_000 },
});

const ask = (releaseName: string, authorization: string) =>
  fetch(`${url}/v1/authorization`, {
    headers: { authorization, "x-original-url": `https://deployments.example.com/${releaseName}/airflow` },
  });
const statusOf = async (releaseName: string, authorization: string) => (await ask(releaseName, authorization)).status;

/** Takes a right from somebody, and waits until this replica has heard of it: from then on it must not count. */
async function lose(taken: () => Promise<unknown>): Promise<void> {
  const { rightsEvents } = app.services;
  const before = rightsEvents.heard();
  await taken();
  await expect.poll(() => rightsEvents.heard()).toBeGreaterThan(before);
}

describe("airflowAccess.cacheDuration", () => {
  it("answers without the database, until somebody loses a role", async () => {
    const { deployment, viewer } = await build.deployment();
    const { member, team } = await build.team({ roles: [{ role: "DEPLOYMENT_ADMIN", deploymentId: deployment.id }] });
    const name = deployment.releaseName;
    for (const { token } of [viewer, member]) {
      const statements = async () => (await countStatements(() => ask(name, token))).statements.length;
      await expect.poll(statements).toBe(0);
    }
    await lose(() => db.roleBinding.deleteMany({ where: { userId: viewer.id } }));
    expect(await statusOf(name, viewer.token)).toBe(403);
    expect(await statusOf(name, member.token)).toBe(200);
    await lose(() => db.roleBinding.deleteMany({ where: { teamId: team.id } }));
    expect(await statusOf(name, member.token)).toBe(403);
  });

  it("keeps callers and Deployments apart, and remembers no denial", async () => {
    const [{ deployment, viewer }, other] = [await build.deployment(), await build.deployment()];
    await expect.poll(() => statusOf(deployment.releaseName, viewer.token)).toBe(200);
    expect(await statusOf(other.deployment.releaseName, viewer.token)).toBe(403);
    expect(await statusOf(deployment.releaseName, other.viewer.token)).toBe(403);
    await db.roleBinding.create({
      data: { role: "DEPLOYMENT_VIEWER", userId: other.viewer.id, deploymentId: deployment.id },
    });
    expect(await statusOf(deployment.releaseName, other.viewer.token)).toBe(200);
  });

  it("keeps the domains of clusters apart", async () => {
    const { id: clusterId } = await db.cluster.create({ data: { name: "eu", baseDomain: "eu.example.com" } });
    const { deployment, viewer } = await build.deployment({ clusterId });
    const at = (domain: string) =>
      fetch(`${url}/v1/authorization`, {
        headers: {
          authorization: viewer.token,
          "x-original-url": `https://deployments.${domain}/${deployment.releaseName}/airflow`,
        },
      });
    const statements = async () => (await countStatements(() => at("eu.example.com"))).statements.length;
    await expect.poll(statements).toBe(0);
    expect((await at("eu.example.com")).status).toBe(200);
    expect((await at("example.com")).status).toBe(403);
    expect((await at("us.example.com")).status).toBe(403);
  });

  it("does not outlive a session, nor the loss of a key", async () => {
    const { deployment, viewer } = await build.deployment();
    const name = deployment.releaseName;
    const expiresAt = Date.now() + 1_500;
    const session = await db.session.create({ data: { userId: viewer.id, expiresAt: new Date(expiresAt) } });
    const later = new Date(Date.now() + 60_000);
    const token = signToken(config, viewer.id, session.id, new Date(), later).value;
    for (;;) {
      const begun = Date.now();
      const status = await statusOf(name, token);
      if (status === 401) break;
      expect(status).toBe(200);
      expect(begun).toBeLessThan(expiresAt);
    }
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt);
    const key = await build.serviceAccount({ role: "DEPLOYMENT_EDITOR", deploymentId: deployment.id });
    for (let n = 0; n < 3; n++) expect(await statusOf(name, key.token)).toBe(200);
    await lose(() => db.serviceAccount.delete({ where: { id: key.id } }));
    expect(await statusOf(name, key.token)).toBe(401);
  });

  it("forgets nobody's loss while news cannot be heard", async () => {
    const { deployment, viewer } = await build.deployment();
    const name = deployment.releaseName;
    const statements = async () => (await countStatements(() => ask(name, viewer.token))).statements.length;
    await expect.poll(statements).toBe(0);
    await db.$executeRaw`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'houston events' AND datname = current_database()`;
    await expect.poll(statements).toBeGreaterThan(0);
    // Houston may listen again by now.
    await db.roleBinding.deleteMany({ where: { userId: viewer.id } });
    await expect.poll(() => statusOf(name, viewer.token), { timeout: 4_000 }).toBe(403);
  });
});
