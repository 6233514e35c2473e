import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fromJob } from "../../src/platform/audit/origin.ts";
import { freePort } from "../../src/platform/database/embedded/postmaster.ts";
import { testHouston } from "../support/houston.ts";
import { writeImage } from "../support/ociImage.ts";
import { runProgram, startProgram } from "../support/program.ts";

const secret = randomBytes(32).toString("hex");
const port = await freePort();
const { url, build, app, db } = await testHouston({ registry: { authHeader: secret, host: "127.0.0.1", port } });
const folder = await mkdtemp(join(tmpdir(), "houston-registry-"));
const authority = join(folder, "authority.pem");
await writeFile(authority, await app.services.signingKeys.authority());
await writeImage(join(folder, "image"), { "io.astronomer.docker.runtime.version": "13.11.0" });

const settings = {
  version: 0.1,
  storage: { filesystem: { rootdirectory: join(folder, "storage") } },
  http: { addr: `127.0.0.1:${port}` },
  auth: {
    token: {
      realm: `${url}/v1/registry/authorization`,
      service: "docker-registry",
      issuer: "houston",
      rootcertbundle: authority,
    },
  },
  notifications: {
    endpoints: [
      {
        ...{ name: "houston", url: `${url}/v1/registry/events`, headers: { authorization: [secret] } },
        ...{ timeout: "5s", threshold: 3, backoff: "1s", ignoredmediatypes: ["application/octet-stream"] },
      },
    ],
  },
};
// JSON is YAML too.
await writeFile(join(folder, "registry.yml"), JSON.stringify(settings));
const registry = await startProgram("docker-registry", ["serve", join(folder, "registry.yml")], {
  url: `http://127.0.0.1:${port}/v2/`,
});
afterAll(async () => {
  await registry.stop();
  await rm(folder, { recursive: true, force: true });
});

const author = { caller: { kind: "job", id: "test" }, requestId: "test", origin: fromJob } as const;

const remote = (repository: string) => `docker://127.0.0.1:${port}/${repository}`;
const as = (side: "src" | "dest", token: string | undefined) =>
  token === undefined ? [] : [`--${side}-creds=_:${token}`];

const push = (repository: string, token?: string) =>
  runProgram("skopeo", [
    ...["copy", "--insecure-policy", "--dest-tls-verify=false", ...as("dest", token)],
    ...[`oci:${join(folder, "image")}`, remote(repository)],
  ]);

const pull = async (repository: string, token?: string) => {
  const to = await mkdtemp(join(folder, "pulled-"));
  return runProgram("skopeo", [
    ...["copy", "--insecure-policy", "--src-tls-verify=false", ...as("src", token)],
    ...[remote(repository), `dir:${to}`],
  ]);
};

describe("the image registry", { timeout: 120_000 }, () => {
  it("takes images from an editor and an API key, and lets a viewer pull them", async () => {
    const { deployment, editor, viewer } = await build.deployment();
    const key = await build.serviceAccount({ role: "DEPLOYMENT_EDITOR", deploymentId: deployment.id });
    const image = `${deployment.releaseName}/airflow:deploy-1`;
    expect(await push(image, editor.token)).toMatchObject({ code: 0 });
    const stored = () =>
      db.deployment.findUniqueOrThrow({ where: { id: deployment.id }, include: { revisions: true } });
    await expect.poll(async () => (await stored()).revisions).toHaveLength(1);
    expect(await push(image, key.token)).toMatchObject({ code: 0 });
    expect(await pull(image, viewer.token)).toMatchObject({ code: 0 });
    const refused = await push(image, viewer.token);
    expect(refused.code).not.toBe(0);
    expect(refused.output).toMatch(/denied|unauthorized/i);
    expect(await push(image.replace("deploy-1", "deploy-2"), key.token)).toMatchObject({ code: 0 });
    await expect
      .poll(async () => (await stored()).image)
      .toContain(`127.0.0.1:${port}/${deployment.releaseName}/airflow:deploy-2@`);
    const authors = [`user:${editor.id}`, `serviceAccount:${key.id}`];
    expect((await stored()).revisions).toHaveLength(authors.length);
    expect((await stored()).updatedBy).toBe(authors[1]);
  });

  it("refuses the key of another Deployment, a bad key, and callers without one", async () => {
    const [{ deployment, editor }, other] = [await build.deployment(), await build.deployment()];
    const image = `${deployment.releaseName}/airflow:deploy-1`;
    expect((await push(image, editor.token)).code).toBe(0);
    const foreign = await build.serviceAccount({ role: "DEPLOYMENT_ADMIN", deploymentId: other.deployment.id });
    for (const token of [foreign.token, "nonsense", undefined]) {
      for (const refused of [await push(image, token), await pull(image, token)]) {
        expect(refused.code).not.toBe(0);
        expect(refused.output).toMatch(/denied|unauthorized|authentication required/i);
      }
    }
  });

  it("takes no token but its own", async () => {
    const { deployment, editor } = await build.deployment();
    const name = `${deployment.releaseName}/airflow`;
    expect((await push(`${name}:deploy-1`, editor.token)).code).toBe(0);
    const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
    const tags = async (token: string) =>
      (await fetch(`http://127.0.0.1:${port}/v2/${name}/tags/list`, bearer(token))).status;
    const scope = `repository:${name}:pull`;
    const own = await fetch(`${url}/v1/registry/authorization?scope=${scope}`, bearer(editor.token));
    const asked = { "x-original-url": `https://${deployment.releaseName}-airflow.localhost/` };
    const ingress = await fetch(`${url}/v1/authorization`, { headers: { ...bearer(editor.token).headers, ...asked } });
    const airflow = ingress.headers.get("authorization")?.replace("Bearer ", "") ?? "";
    expect(airflow).toMatch(/^ey/);
    expect(await tags(((await own.json()) as { token: string }).token)).toBe(200);
    for (const token of [airflow, editor.token]) expect(await tags(token)).toBe(401);
  });

  it("says of an image that was pushed which versions it contains", async () => {
    const { deployment, editor } = await build.deployment();
    const stored = () => db.deployment.findUniqueOrThrow({ where: { id: deployment.id } });
    await db.deployment.update({ where: { id: deployment.id }, data: { runtimeVersion: "13.10.0" } });
    expect((await push(`${deployment.releaseName}/airflow:deploy-1`, editor.token)).code).toBe(0);
    await expect.poll(async () => (await stored()).runtimeVersion).toBe("13.11.0");
    expect(await stored()).toMatchObject({
      airflowVersion: "2.11.2",
      desiredRuntimeVersion: "13.11.0",
      deployCount: 1,
    });
  });

  it("goes on after the key was rotated, without a change of its settings", async () => {
    const { deployment, editor } = await build.deployment();
    const image = `${deployment.releaseName}/airflow:deploy-1`;
    const { signingKeys } = app.services;
    const before = await signingKeys.current();
    await signingKeys.rotate(author, { afterDays: 90, atOnce: true });
    expect((await signingKeys.current()).kid).not.toBe(before.kid);
    expect((await push(image, editor.token)).code).toBe(0);
  });
});
