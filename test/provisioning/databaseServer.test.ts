import pg from "pg";
import { describe, expect, inject, it } from "vitest";
import { DatabaseServerError } from "../../src/services/provisioning/databases/databaseServerError.ts";
import { provisionedHouston } from "../support/provisioned.ts";

const { hostname: host, port } = new URL(inject("templateUrl"));

const cannot = (server: string, reason: string) =>
  `The database server of Deployments, ${server} (deployments.database.connection), cannot be used: ${reason}`;

/** The status of a Deployment for whose database Houston connects to this server, with the Helm values given. */
async function stateWith(connection: object, helm: object = {}) {
  const { create, settled, db } = await provisionedHouston({
    deployments: { database: { connection }, helm },
  } as never);
  const { id } = await create();
  await settled();
  return db.deployment.findUniqueOrThrow({ where: { id }, select: { status: true, statusReason: true } });
}

describe("the reason of a Deployment that waits for its database", () => {
  it("names the server and its setting", async () => {
    expect(await stateWith({ host: "127.0.0.1", port: 1, password: "canary-password" })).toEqual({
      status: "UNHEALTHY",
      statusReason: cannot("127.0.0.1:1", "it refuses connections"),
    });
  });

  it("says that the user may not do what Houston does", async () => {
    const client = new pg.Client(inject("templateUrl"));
    await client.connect();
    await client.query("CREATE ROLE lowly LOGIN PASSWORD 'canary-password'");
    await client.end();
    const user = { user: "lowly", password: "canary-password", database: "postgres" };
    expect(await stateWith({ host, port: Number(port), ...user })).toEqual({
      status: "UNHEALTHY",
      statusReason: cannot(`${host}:${port}`, "its user may not create databases or users"),
    });
  });

  it("says that the server does not offer TLS", async () => {
    expect(await stateWith({ host, port: Number(port) }, { sslmode: "require" })).toMatchObject({
      statusReason: cannot(`${host}:${port}`, "it does not offer TLS"),
    });
  });

  it.each([
    ["ENOTFOUND", "its host name is unknown"],
    ["28P01", "it does not accept the user or the password"],
    ["53300", "it has too many connections"],
    ["57P03", "57P03"],
    [undefined, "it does not answer"],
  ])("is in words, or the code: %s", (code, reason) => {
    const cause = Object.assign(new Error("password authentication failed for canary"), { code });
    expect(new DatabaseServerError("db.example.com:5432", cause).message).toBe(cannot("db.example.com:5432", reason));
  });
});
