import { expect, it } from "vitest";
import { signToken } from "../../src/access/jwt.ts";
import { testHouston } from "../support/houston.ts";

const { url, as, build, db, config } = await testHouston({ helm: { baseDomain: "example.com" } });

it("lets no token stand in for another: of the API, the pages, Airflow's hosts, an Airflow and the registry", async () => {
  const { deployment, admin } = await build.deployment();
  const session = await db.session.create({ data: { userId: admin.id, expiresAt: new Date(Date.now() + 60_000) } });
  const sign = (type: "access" | "airflow" | "pages") =>
    signToken(config, admin.id, session.id, new Date(), session.expiresAt, type).value;
  const asked = { "x-original-url": `https://deployments.example.com/${deployment.releaseName}/` };
  const ingress = (headers: Record<string, string>) =>
    fetch(`${url}/v1/authorization`, { headers: { ...asked, ...headers } });
  const registry = (token: string) =>
    fetch(`${url}/v1/registry/authorization?scope=repository:${deployment.releaseName}/airflow:push`, {
      headers: { authorization: `Basic ${Buffer.from(`_:${token}`).toString("base64")}` },
    });
  const handedOn = await ingress({ authorization: `Bearer ${sign("access")}` });
  const tokens = {
    api: sign("access"),
    pages: sign("pages"),
    hosts: sign("airflow"),
    airflow: handedOn.headers.get("authorization")?.replace("Bearer ", "") ?? "",
    registry: ((await (await registry(sign("access"))).json()) as { token: string }).token,
  };

  /** Where it opens something. */
  async function opened(token: string): Promise<string[]> {
    const { errors } = await as({ token }).send("{ self { user { id } } }");
    const rest = await fetch(`${url}/platform/v1beta1/organizations`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const pages = {
      headers: { host: "app.example.com", cookie: `__Host-houston_session=${token}` },
      redirect: "manual",
    } as const;
    const doors = {
      graphql: errors === undefined,
      rest: rest.status === 200,
      registry: (await registry(token)).status === 200,
      ingress: (await ingress({ authorization: `Bearer ${token}` })).status === 200,
      cookie: (await ingress({ cookie: `houston_airflow=${token}` })).status === 200,
      pages: (await fetch(`${url}/app/account`, pages)).status === 200,
    };
    return Object.entries(doors).flatMap(([name, isOpen]) => (isOpen ? [name] : []));
  }
  const found: Record<string, string[]> = {};
  for (const [name, token] of Object.entries(tokens)) found[name] = await opened(token);
  expect(found).toEqual({
    ...{ api: ["graphql", "rest", "registry", "ingress"], pages: ["pages"], hosts: ["cookie"] },
    ...{ airflow: [], registry: [] },
  });
});
