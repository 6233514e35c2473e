import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const secret = randomBytes(32).toString("hex");
const { url, as, build, db } = await testHouston({
  registry: { authHeader: secret },
  deployments: { upsertDeploymentEnabled: true },
});

const EVENTS = "application/vnd.docker.distribution.events.v";

const digest = () => `sha256:${randomBytes(32).toString("hex")}`;

function event(repository: string, tag: string, actor: string, given: object = {}) {
  return {
    ...{ id: "1", timestamp: "2026-11-29T00:00:00Z", action: "push", source: { addr: "registry:5000" } },
    target: { mediaType: "application/vnd.oci.image.manifest.v1+json", repository, tag, digest: digest(), size: 1 },
    request: { id: "2", addr: "10.0.0.1", host: "registry.example.com", method: "PUT", useragent: "docker" },
    actor: { name: actor },
    ...given,
  };
}

const send = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${url}/v1/registry/events`, {
    method: "POST",
    headers: { authorization: secret, "content-type": `${EVENTS}1+json`, ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

const stored = (id: string) => db.deployment.findUniqueOrThrow({ where: { id }, include: { revisions: true } });

describe("POST /v1/registry/events", () => {
  it("deploys what was pushed, for the one who pushed it", async () => {
    const { deployment, editor } = await build.deployment();
    const pushed = event(`${deployment.releaseName}/airflow`, "deploy-4", `user:${editor.id}`);
    expect((await send({ events: [pushed] }, { authorization: `Bearer ${secret}` })).status).toBe(204);
    const image = `registry.example.com/${deployment.releaseName}/airflow:deploy-4@${pushed.target.digest}`;
    expect(await stored(deployment.id)).toMatchObject({
      ...{ image, deployCount: 4, updatedBy: `user:${editor.id}`, revisions: [{ image, tag: "deploy-4" }] },
    });
    const [entry] = await db.auditEntry.findMany({ where: { entityId: deployment.id, action: "deployPush" } });
    expect(entry).toMatchObject({ actor: `user:${editor.id}`, via: "registry" });
  });

  it("does not deploy for somebody whom their identity provider has deactivated since", async () => {
    const { deployment, editor } = await build.deployment();
    const [provider, userId] = ["okta", editor.id];
    await db.scimUser.create({ data: { provider, userId, userName: userId, userNameKey: userId, active: false } });
    const pushed = event(`${deployment.releaseName}/airflow`, "deploy-1", `user:${userId}`);
    expect((await send({ events: [pushed] })).status).toBe(204);
    expect((await stored(deployment.id)).revisions).toEqual([]);
  });

  it("deploys the same push once, and new content under the same tag again", async () => {
    const { deployment } = await build.deployment();
    const key = await build.serviceAccount({ role: "DEPLOYMENT_EDITOR", deploymentId: deployment.id });
    const push = () => event(`${deployment.releaseName}/airflow`, "ci", `serviceAccount:${key.id}`);
    const first = push();
    expect((await send({ events: [first, first] })).status).toBe(204);
    expect((await send({ events: [first] }, { "content-type": `${EVENTS}2+json` })).status).toBe(204);
    expect((await stored(deployment.id)).revisions).toHaveLength(1);
    await send({ events: [push()] });
    expect(await stored(deployment.id)).toMatchObject({ deployCount: 2, revisions: [{}, {}] });
  });

  it("is one deploy with the image that a client then names by its tag, whichever comes first", async () => {
    const { deployment, editor } = await build.deployment();
    const repository = `${deployment.releaseName}/airflow`;
    const named = (tag: string) =>
      as(editor).send(`mutation ($r: String!, $i: String!) { upsertDeployment(releaseName: $r, image: $i) { id } }`, {
        r: deployment.releaseName,
        i: `registry.example.com/${repository}:${tag}`,
      });
    const first = event(repository, "deploy-1", `user:${editor.id}`);
    await send({ events: [first] });
    expect((await named("deploy-1")).errors).toBeUndefined();
    expect(await stored(deployment.id)).toMatchObject({ deployCount: 1, revisions: [{}] });
    expect((await named("deploy-2")).errors).toBeUndefined();
    const second = event(repository, "deploy-2", `user:${editor.id}`);
    await send({ events: [second] });
    const { image, deployCount } = await stored(deployment.id);
    expect([image?.endsWith(second.target.digest), deployCount]).toEqual([true, 2]);
  });

  it("passes over everything else", async () => {
    const { deployment, editor, viewer } = await build.deployment();
    const other = await build.deployment();
    const [repository, actor] = [`${deployment.releaseName}/airflow`, `user:${editor.id}`];
    const { tag: _, ...untagged } = event(repository, "x", actor).target;
    const cordoned = await build.deployment({ isCordoned: true });
    const events = [
      event(repository, "x", actor, { action: "pull" }),
      event(repository, "x", actor, { action: "mount" }),
      event(repository, "x", actor, { action: "delete", target: { repository, digest: digest() } }),
      event(repository, "x", actor, { target: untagged }),
      event(`${deployment.releaseName}/other`, "x", actor),
      event("base-images/airflow", "x", actor),
      event(repository, "x", `user:${viewer.id}`),
      event(repository, "x", `user:${other.admin.id}`),
      event(repository, "x", "user:gone"),
      event(repository, "x", ""),
      event("unknown-1234/airflow", "x", actor),
      event(`${cordoned.deployment.releaseName}/airflow`, "x", `user:${cordoned.admin.id}`),
      null,
      "x",
      {},
    ];
    expect((await send({ events })).status).toBe(204);
    for (const { id } of [deployment, cordoned.deployment]) {
      expect(await stored(id)).toMatchObject({ image: null, deployCount: 0, revisions: [] });
    }
  });

  it("takes nothing without the secret, before it reads the body", async () => {
    const { deployment, editor } = await build.deployment();
    const events = [event(`${deployment.releaseName}/airflow`, "x", `user:${editor.id}`)];
    for (const authorization of ["", "x", `Bearer ${secret}x`, editor.token]) {
      expect((await send({ events }, { authorization })).status).toBe(401);
    }
    expect((await send("{", { authorization: "x" })).status).toBe(401);
    expect((await stored(deployment.id)).image).toBeNull();
    for (const body of ["{", "[]", {}, { events: {} }]) expect((await send(body)).status).toBe(400);
    expect((await send({ events }, { "content-type": "text/plain" })).status).toBe(415);
  });
});

it("does not exist without registry.authHeader", async () => {
  const off = await testHouston();
  const response = await fetch(`${off.url}/v1/registry/events`, { method: "POST", body: "{}" });
  expect(response.status).toBe(404);
});
