#!/usr/bin/env bash
# Prisma 7 over @prisma/adapter-pg stores a wrong instant in a timestamptz column as soon as the database's default
# TimeZone is not UTC (ALTER DATABASE … SET timezone, or postgresql.conf, as many packaged servers have).
#
# Versions: @prisma/client 7.10.0, @prisma/adapter-pg 7.10.1, on the PostgreSQL of @electric-sql/pglite 0.5.14.
# Expected: timestamptz names an instant, so the same Date arrives whatever zone the session has, as with pg alone.
# Seen: the adapter sends the UTC wall clock without a zone, which PostgreSQL reads in the session's zone (Berlin in
# winter: one hour early), and reading replaces the offset that PostgreSQL prints by +00:00. Both errors cancel out for
# Prisma itself, so that a round trip looks right; rows written by now() or read by any other client are off.
# Remedy: set the zone of every session, for example options=-c TimeZone=UTC in the connection string.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > package.json <<'JSON'
{
  "private": true, "type": "module",
  "dependencies": {
    "prisma": "7.10.1", "@prisma/client": "7.10.0", "@prisma/adapter-pg": "7.10.1", "pg": "8.16.3",
    "@electric-sql/pglite": "0.5.14", "@electric-sql/pglite-socket": "0.2.17"
  }
}
JSON
PRISMA_SKIP_POSTINSTALL_GENERATE=1 npm install --ignore-scripts --legacy-peer-deps --silent --no-audit --no-fund
cat > schema.prisma <<'PRISMA'
datasource db {
  provider = "postgresql"
}
generator client {
  provider = "prisma-client-js"
}
model Event {
  id Int      @id
  at DateTime @db.Timestamptz(3)
}
PRISMA
# The engine binary is not needed, so it is not downloaded.
PRISMA_SCHEMA_ENGINE_BINARY=$(command -v node) npx prisma generate --schema schema.prisma > generate.log 2>&1 || { cat generate.log; exit 1; }
cat > try.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { PrismaPg } from "@prisma/adapter-pg";
import client from "@prisma/client";
import pg from "pg";

const db = await PGlite.create();
await db.exec(`CREATE TABLE "Event" (id int PRIMARY KEY, at timestamptz(3) NOT NULL)`);
const server = new PGLiteSocketServer({ db, port: 0, host: "127.0.0.1", maxConnections: 10 });
await server.start();
const port = server.getServerConn().split(":").at(-1);
const connectionString = `postgresql://postgres@127.0.0.1:${port}/postgres?sslmode=disable`;

/** The instant stored for noon UTC by `write` in sessions with the zone, as seconds after noon. */
const written = Date.UTC(2026, 0, 15, 12);
async function stored(zone, write) {
  await db.exec(`TRUNCATE "Event"; SET TimeZone = '${zone}'`);
  await write();
  const { rows } = await db.query(`SELECT extract(epoch FROM at)::float8 AS at FROM "Event"`);
  return rows[0].at - written / 1000;
}
const withPg = async () => {
  const connection = new pg.Client({ connectionString });
  await connection.connect();
  await connection.query(`INSERT INTO "Event" VALUES (1, $1)`, [new Date(written)]);
  await connection.end();
};
let read;
const withPrisma = async () => {
  const prisma = new client.PrismaClient({ adapter: new PrismaPg({ connectionString }) });
  await prisma.event.create({ data: { id: 1, at: new Date(written) } });
  read = (await prisma.event.findFirst()).at.toISOString();
  await prisma.$disconnect();
};
const seen = [];
for (const zone of ["UTC", "Europe/Berlin"]) {
  seen.push(`${zone}: pg ${await stored(zone, withPg)} s, Prisma ${await stored(zone, withPrisma)} s, read back ${read}`);
}
await server.stop();
await db.close();
console.log(seen.join("\n"));
const expected = [
  "UTC: pg 0 s, Prisma 0 s, read back 2026-01-15T12:00:00.000Z",
  "Europe/Berlin: pg 0 s, Prisma -3600 s, read back 2026-01-15T12:00:00.000Z",
];
if (seen.join("\n") !== expected.join("\n")) {
  console.error(`Changed; expected:\n${expected.join("\n")}`);
  process.exit(1);
}
process.exit(0);
JS
node try.mjs
