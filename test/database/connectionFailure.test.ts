import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectionFailure } from "../../src/platform/database/connectionFailure.ts";
import { migrate } from "../../src/platform/database/migrate.ts";
import { selfSigned } from "../support/selfSigned.ts";
import { type TemporaryPostgres, withTemporaryPostgres } from "../support/temporaryPostgres.ts";

const log = pino({ level: "silent" });
let server: TemporaryPostgres;
let folder: string;
const certificate = selfSigned();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "houston-tls-"));
  server = await withTemporaryPostgres(log, { durable: false }, async (running) => running);
}, 90_000);
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

/** The URL of the server with other parts. */
const urlWith = (change: (url: URL) => void) => {
  const url = new URL(server.url);
  change(url);
  return url.href;
};

const host = () => new URL(server.url).host;

/** Why Houston cannot connect to `url`, as the operator reads it. */
async function failure(url: string): Promise<string> {
  const error = await migrate(url, log).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeDefined();
  const text = connectionFailure(error, url) ?? String(error);
  expect(text).not.toContain(new URL(server.url).password);
  return text.replace("database.url (DATABASE_URL): ", "");
}

/** Runs SQL as superuser, and waits until the server has read its settings again. */
async function configure(...sql: string[]) {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  for (const statement of [...sql, "SELECT pg_reload_conf()"]) await client.query(statement);
  await client.end();
}

describe("an error of the connection to the database names database.url and the reason:", () => {
  it("refused", async () => {
    const free = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => free.once("listening", resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    const url = urlWith((url) => {
      url.port = String(port);
    });
    expect(await failure(url)).toBe(
      `nothing accepts connections at 127.0.0.1:${port}; start PostgreSQL there, or correct the host and port`,
    );
  });

  it("host unknown", async () => {
    const url = urlWith((url) => {
      url.hostname = "postgres.invalid";
    });
    expect(await failure(url)).toBe("the host postgres.invalid is unknown; correct its name");
  });

  it("password wrong", async () => {
    const url = urlWith((url) => {
      url.password = "wrong-canary";
    });
    const text = await failure(url);
    expect(text).toBe(`${host()} rejected the password of the user houston; correct user and password`);
  });

  it("password missing", async () => {
    const url = server.url.replace(/:[^:@/]+@/, "@");
    expect(await failure(url)).toBe(`${host()} requires a password for the user houston`);
  });

  it("database missing", async () => {
    const url = urlWith((url) => {
      url.pathname = "/missing";
    });
    expect(await failure(url)).toBe(`there is no database missing at ${host()}; create it, or correct its name`);
  });

  it("certificate file missing", async () => {
    const file = join(folder, "missing.pem");
    const url = urlWith((url) => url.searchParams.set("sslrootcert", file));
    expect(await failure(url)).toBe(`the file ${file} (sslrootcert) cannot be read: ENOENT`);
  });

  it("TLS not offered", async () => {
    const url = urlWith((url) => url.searchParams.set("sslmode", "verify-full"));
    expect(await failure(url)).toBe(
      `${host()} does not offer TLS; enable TLS in PostgreSQL, or remove sslmode and ssl from the URL`,
    );
  });

  it("a connection pooler that rejects startup parameters", async () => {
    const text = "unsupported startup parameter: options";
    const fields = Buffer.from(`SFATAL\0VFATAL\0C08P01\0M${text}\0\0`);
    const head = Buffer.from([0x45, 0, 0, 0, fields.length + 4]);
    const pooler = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => socket.end(Buffer.concat([head, fields])));
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => pooler.once("listening", resolve));
    const { port } = pooler.address() as AddressInfo;
    const url = urlWith((url) => {
      url.port = String(port);
    });
    expect(await failure(url)).toBe(
      `127.0.0.1:${port} is a connection pooler such as PgBouncer (${text}); connect to PostgreSQL directly`,
    );
    await new Promise((resolve) => pooler.close(resolve));
  });

  describe("with TLS", () => {
    beforeAll(async () => {
      const write = (name: string, text: string) =>
        `COPY (SELECT unnest(string_to_array('${text.trim()}', chr(10)))) TO PROGRAM 'umask 077; cat > ${name}'`;
      await configure(
        write("server.key", certificate.key),
        write("server.crt", certificate.cert),
        "ALTER SYSTEM SET ssl = on",
      );
      await writeFile(join(folder, "ca.pem"), certificate.cert);
    });

    it("certificate not trusted", async () => {
      const url = urlWith((url) => url.searchParams.set("sslmode", "verify-full"));
      expect(await failure(url)).toBe(
        `the certificate of ${host()} is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT); ` +
          "add sslrootcert=<file of its authority> to the URL",
      );
    });

    it("and connects with the certificate of its authority", async () => {
      const url = urlWith((url) => {
        url.searchParams.set("sslmode", "verify-full");
        url.searchParams.set("sslrootcert", join(folder, "ca.pem"));
      });
      expect((await migrate(url, log)).length).toBeGreaterThan(0);
    });

    it("TLS required", async () => {
      await configure("COPY (SELECT 'hostssl all all 127.0.0.1/32 scram-sha-256') TO PROGRAM 'cat > pg_hba.conf'");
      expect(await failure(server.url)).toBe(
        `${host()} accepts encrypted connections only; add sslmode=verify-full to the URL`,
      );
    });
  });
});
