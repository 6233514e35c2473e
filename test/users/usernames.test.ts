import bcrypt from "bcrypt";
import pg from "pg";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { migrate } from "../../src/platform/database/migrate.ts";
import { readMigrations } from "../../src/platform/database/migrations.ts";
import { usernameKey } from "../../src/services/users/usernameKey.ts";
import { createTestDatabase } from "../support/db.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston({
  publicSignups: true,
  emailConfirmation: false,
  deployments: { upsertDeploymentEnabled: true },
});
await build.systemAdmin();

let people = 0;
const signUp = (username: string, email = `person${people++}@example.com`) =>
  as(undefined).send(
    `mutation ($email: String!, $username: String) {
      createUser(email: $email, username: $username, password: "correct horse") { user { id username } }
    }`,
    { email, username },
  );
const RENAME = `mutation ($payload: JSON!) { updateSelf(payload: $payload) { username } }`;
const signIn = (identity: string) =>
  as(undefined).send(
    `mutation ($identity: String) { createToken(identity: $identity, password: "correct horse") { user { id } } }`,
    { identity },
  );

describe("usernames", () => {
  it.each([
    ["grace", "GRACE"],
    ["Élodie", "e\u0301lodie"],
    ["file", "\ufb01le"],
    ["wide", "ｗｉｄｅ"],
    ["Straße", "STRASSE"],
    ["ΟΔΟΣ", "οδοσ"],
    ["kelvin", "\u212aelvin"],
    ["two words", "two\u00a0words"],
  ])("are unique without regard to case and Unicode form: %j and %j", async (first, second) => {
    const made = await signUp(first);
    expect(outcomeOf(made)).toBe("ok");
    expect(outcomeOf(await signUp(second))).toBe("CONFLICT username");
    const other = await build.user();
    const renamed = await as(other).send(RENAME, { payload: { username: second } });
    expect(outcomeOf(renamed)).toBe("CONFLICT payload.username");
    for (const identity of [first, second]) {
      expect((await signIn(identity)).data.createToken.user.id).toBe(made.data.createUser.user.id);
    }
  });

  it("are granted to one of several concurrent sign-ups", async () => {
    const answers = await Promise.all(["Race", "race", "RACE", "ｒａｃｅ"].map((name) => signUp(name)));
    expect(answers.map(outcomeOf).sort()).toEqual([...Array(3).fill("CONFLICT username"), "ok"]);
  });

  it("can change case for their own user", async () => {
    const { data } = await signUp("hopper");
    const user = { token: await build.tokenOf(data.createUser.user.id) };
    const renamed = await as(user).send(RENAME, { payload: { username: "Hopper" } });
    expect(renamed.data.updateSelf.username).toBe("Hopper");
  });

  it.each([
    ["line break", "a\nb"],
    ["carriage return", "a\rb"],
    ["line separator", "a\u2028b"],
    ["paragraph separator", "a\u2029b"],
    ["zero-width space", "a\u200bb"],
    ["zero-width joiner", "a\u200db"],
    ["soft hyphen", "a\u00adb"],
    ["byte order mark", "a\ufeffb"],
    ["word joiner", "a\u2060b"],
    ["Hangul filler", "a\u3164b"],
    ["empty Braille pattern", "a\u2800b"],
    ["variation selector", "a\ufe0fb"],
    ["tag character", "a\u{e0041}b"],
    ["right-to-left override", "a\u202eb"],
    ["right-to-left mark", "a\u200fb"],
    ["isolate", "a\u2066b"],
  ])("and labels cannot contain a %s", async (_, name) => {
    expect(outcomeOf(await signUp(name))).toBe("BAD_USER_INPUT username");
    const user = await build.user({ roles: [{ role: "SYSTEM_ADMIN" }] });
    expect(outcomeOf(await as(user).send(RENAME, { payload: { username: name } }))).toBe(
      "BAD_USER_INPUT payload.username",
    );
    const { deployment } = await build.deployment();
    const { workspaceId: w, id: d } = deployment;
    const outcome = async (field: string, type = "String!") =>
      outcomeOf(await as(user).send(`mutation ($name: ${type}) { ${field} }`, { name }));
    const payload = async (field: string) =>
      outcomeOf(await as(user).send(`mutation ($p: JSON!) { ${field} }`, { p: { label: name } }));
    expect(await outcome("createWorkspace(label: $name) { id }")).toBe("BAD_USER_INPUT label");
    expect(await payload(`updateWorkspace(workspaceUuid: "${w}", payload: $p) { id }`)).toBe(
      "BAD_USER_INPUT payload.label",
    );
    const type = `type: "airflow", executor: CeleryExecutor`;
    expect(await outcome(`createDeployment(workspaceUuid: "${w}", label: $name, ${type}) { id }`)).toBe(
      "BAD_USER_INPUT label",
    );
    expect(await outcome(`upsertDeployment(workspaceUuid: "${w}", label: $name, ${type}) { id }`, "String")).toBe(
      "BAD_USER_INPUT label",
    );
    expect(await payload(`updateDeployment(deploymentUuid: "${d}", payload: $p) { id }`)).toBe(
      "BAD_USER_INPUT payload.label",
    );
    expect(await outcome("createTeam(name: $name) { team { id } }")).toBe("BAD_USER_INPUT name");
    expect(await outcome("createSystemServiceAccount(label: $name, role: SYSTEM_VIEWER) { id }")).toBe(
      "BAD_USER_INPUT label",
    );
    const url = "https://cluster.example.com";
    expect(await outcome(`registerCluster(name: $name, metadataUrl: "${url}") { id }`)).toBe("BAD_USER_INPUT name");
  });

  it("cannot contain emoji made of invisible characters, but labels can", async () => {
    const { workspace, admin } = await build.workspace();
    const update = `mutation ($w: Uuid!, $p: JSON!) { updateWorkspace(workspaceUuid: $w, payload: $p) { label } }`;
    const label = "⚠️ production 👩‍💻 🏴󠁧󠁢󠁥󠁮󠁧󠁿";
    const { data } = await as(admin).send(update, { w: workspace.id, p: { label } });
    expect(data.updateWorkspace).toEqual({ label });
    const hidden = await as(admin).send(update, { w: workspace.id, p: { label: "⚠️ prod\u200d" } });
    expect(outcomeOf(hidden)).toBe("BAD_USER_INPUT payload.label");
    expect(outcomeOf(await signUp("⚠️ admin"))).toBe("BAD_USER_INPUT username");
  });

  it("keep an @ of any width for the user's own address", async () => {
    expect(outcomeOf(await signUp("victim＠example.com"))).toBe("BAD_USER_INPUT username");
    const { data } = await signUp("OWN@Bücher.example", "own@bücher.example");
    expect(data.createUser.user.username).toBe("own@xn--bcher-kva.example");
  });

  it("have a key that fits into an index, however long their compatibility form is", async () => {
    expect(outcomeOf(await signUp("\ufdfa".repeat(254)))).toBe("BAD_USER_INPUT username");
    expect(outcomeOf(await signUp("ß".repeat(254)))).toBe("ok");
  });

  it("that differed only in case before the migration stay, and sign in as spelled", async () => {
    const localCredential = { create: { passwordHash: bcrypt.hashSync("correct horse", 4) } };
    const first = await build.user({ username: "Same", usernameKey: usernameKey("same"), localCredential });
    const second = await build.user({ username: "same", localCredential });
    expect((await signIn("Same")).data.createToken.user.id).toBe(first.id);
    expect((await signIn("same")).data.createToken.user.id).toBe(second.id);
    expect((await signIn("SAME")).data.createToken.user.id).toBe(first.id);
    const kept = await as(second).send(RENAME, { payload: { username: "same", fullName: "Second" } });
    expect(kept.data.updateSelf.username).toBe("same");
    expect(await db.user.findUniqueOrThrow({ where: { id: second.id } })).toMatchObject({ fullName: "Second" });
  });
});

describe("the migration of usernames", () => {
  it("gives each key to the oldest user that has it, and keeps all usernames", async () => {
    const database = await createTestDatabase({ empty: true });
    const pool = new pg.Pool({ connectionString: database.url });
    try {
      const log = pino({ level: "silent" });
      const all = await readMigrations();
      const at = all.findIndex(({ name }) => name.endsWith("_username_keys"));
      await migrate(database.url, log, all.slice(0, at));
      const names = [
        "bob",
        "BOB",
        "Bob",
        "Éva",
        "e\u0301va",
        "ada@example.com",
        "\ufb01le",
        "\ufdfa".repeat(254),
        "straße",
      ];
      for (const [n, username] of names.entries()) {
        await pool.query(
          `INSERT INTO "User" (id, username, "createdAt", "updatedAt") VALUES ($1, $2, $3::timestamp, now())`,
          [`user${n}`, username, `2026-01-0${9 - n} 00:00:00`],
        );
      }
      await migrate(database.url, log, all);
      const { rows } = await pool.query<{ username: string; key: string | null }>(
        `SELECT username, "usernameKey" AS key FROM "User" ORDER BY id`,
      );
      expect(rows.map(({ username }) => username)).toEqual(names);
      expect(rows.slice(0, 7).map(({ key }) => key)).toEqual([
        null,
        null,
        "BOB",
        null,
        usernameKey("éva"),
        usernameKey("ada@example.com"),
        "FILE",
      ]);
      expect(rows[8]?.key).toBe(usernameKey("STRASSE"));
    } finally {
      await pool.end();
      await database.drop();
    }
  });
});
