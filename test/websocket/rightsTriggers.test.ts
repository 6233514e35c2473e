import pg from "pg";
import { expect, it } from "vitest";
import { RIGHTS_LOCK } from "../../src/platform/events/rightsEvents.ts";
import { testHouston } from "../support/houston.ts";

const { build, db, database } = await testHouston();

it("triggers notify only while some Houston listens for lost permissions", async () => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const heard: (string | undefined)[] = [];
  client.on("notification", ({ payload }) => heard.push(payload));
  await client.query("LISTEN rights_lost");
  const takeRole = async () => {
    const { id } = await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] });
    await db.roleBinding.deleteMany({ where: { userId: id } });
    return id;
  };
  await takeRole();
  await client.query("SELECT pg_advisory_lock_shared($1)", [RIGHTS_LOCK]);
  const ids = [await takeRole(), await takeRole()];
  await client.query("SELECT pg_advisory_unlock_shared($1)", [RIGHTS_LOCK]);
  await takeRole();
  // Notifications arrive in order.
  await client.query("NOTIFY rights_lost, 'last'");
  await expect.poll(() => heard.at(-1)).toBe("last");
  expect(heard).toEqual([...ids, "last"]);
  await client.end();
});
