import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { jsonServer, type ReceivedRequest } from "../support/jsonServer.ts";
import { startNginx } from "../support/nginx.ts";
import { rawHttp } from "../support/rawHttp.ts";
import { hasTraefik, startTraefik } from "../support/traefik.ts";

const { url, build } = await testHouston({ helm: { baseDomain: "example.com" } });
/** Stands for an Airflow. */
const upstream = await jsonServer(() => ({ status: 200, body: "arrived" }));

const ingresses = [
  { name: "nginx", start: startNginx, isHere: true, signIn: 302, largest: 28_000 },
  { name: "Traefik", start: startTraefik, isHere: hasTraefik, signIn: 401, largest: 110_000 },
];

describe.each(ingresses)("$name in front of an Airflow", ({ start, isHere, signIn, largest }) => {
  let ingress: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    if (isHere) ingress = await start({ houston: url, upstream: upstream.url });
  });
  afterAll(() => ingress?.stop());

  /** The status of a request with these header lines, and what arrived at the Airflow. */
  async function ask(host: string, lines: readonly string[]): Promise<{ status: number; arrived?: ReceivedRequest }> {
    upstream.requests.length = 0;
    const head = ["GET /home?tab=1 HTTP/1.1", `host: ${host}`, ...lines, "connection: close"];
    const status = Number((await rawHttp(ingress.url, `${head.join("\r\n")}\r\n\r\n`)).split(" ")[1]);
    const [arrived] = upstream.requests;
    return { status, ...(arrived && { arrived }) };
  }

  it.runIf(isHere)("lets in who may, with the token of Houston instead of their own", async () => {
    const [{ deployment, viewer }, other] = [await build.deployment(), await build.deployment()];
    const host = `${deployment.releaseName}-airflow.example.com`;
    const known = `authorization: Bearer ${viewer.token}`;
    const { status, arrived } = await ask(host, [known, "username: root", "email: root@example.com"]);
    expect(status).toBe(200);
    expect(arrived?.headers).toMatchObject({ username: viewer.username, email: viewer.email });
    expect(arrived?.headers.authorization).not.toContain(viewer.token);
    expect((await ask(host, [])).status).toBe(signIn);
    expect((await ask(host, [`authorization: Bearer ${other.admin.token}`])).status).toBe(403);
  });

  it.runIf(isHere)("gets 200, 401 or 403 for whatever a client sends, and shows no error of its own", async () => {
    const [{ deployment, viewer }, other] = [await build.deployment(), await build.deployment()];
    const host = `${deployment.releaseName}-airflow.example.com`;
    const known = `authorization: Bearer ${viewer.token}`;
    const large = Array.from({ length: Math.floor(largest / 7_000) }, (_, n) => `x-${n}: ${"x".repeat(7_000)}`);
    expect((await ask(host, [known, ...large])).status).toBe(200);
    expect((await ask(host, large)).status).toBe(signIn);
    expect((await ask(host, [known, "content-encoding: gzip"])).status).toBe(200);
    // Each refuses some of these itself.
    for (const lines of [["x-odd: \x01"], ["expect: a miracle"], ["upgrade: websocket", "connection: upgrade"]]) {
      expect([200, 400, 403, 417], lines[0]).toContain((await ask(host, [known, ...lines])).status);
    }
    // Of somebody else's Deployment, with the header of another ingress that names one's own.
    const foreign = `${other.deployment.releaseName}-airflow.example.com`;
    for (const spoofed of [
      [`x-original-url: https://${host}/`],
      ["x-forwarded-proto: https", `x-forwarded-host: ${host}`, "x-forwarded-uri: /"],
    ]) {
      const { status, arrived } = await ask(foreign, [known, ...spoofed]);
      expect([status, arrived]).toEqual([403, undefined]);
    }
  });
});
