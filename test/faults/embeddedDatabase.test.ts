import { randomBytes } from "node:crypto";
import { readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configFrom } from "../../src/platform/config/config.ts";
import { connect, type Database } from "../../src/platform/database/connect.ts";
import { testSecret } from "../support/app.ts";
import { createAs } from "../support/as.ts";
import { createBuild } from "../support/build.ts";
import {
  dataFolder,
  embeddedPid,
  embeddedUrl,
  type HoustonProcess,
  houstonProcess,
} from "../support/houstonProcess.ts";
import { closingSockets, ofType, openAs, operationsOn, SUBSCRIBE } from "../support/sockets.ts";

let folder: Awaited<ReturnType<typeof dataFolder>>;
let houston: HoustonProcess;
let token: string;
beforeAll(async () => {
  folder = await dataFolder();
  houston = await houstonProcess({ DATABASE__DATA_FOLDER: folder.path });
  await houston.start();
  const { data } = await createAs(houston.url)(undefined).send(
    `mutation { createUser(email: "first@example.com", password: "correct horse battery") { token { value } } }`,
  );
  token = data.createUser.token.value;
}, 90_000);
afterAll(async () => {
  await houston.stop();
  await folder.remove();
});

const send = (query: string, variables = {}) => createAs(houston.url)({ token }).send(query, variables);
const closing = closingSockets();
const LIMIT = { timeout: 60_000 };

describe("F2: the embedded PostgreSQL", () => {
  it.each([["SIGKILL"], ["SIGQUIT"]] as const)(
    "that exits because of %s is started again, with the same data and without a restart of Houston",
    LIMIT,
    async (signal) => {
      const label = `Before ${signal}`;
      expect(
        (await send("mutation ($label: String!) { createWorkspace(label: $label) { id } }", { label })).errors,
      ).toBe(undefined);
      const socket = await closing(openAs(houston.url, "graphql-transport-ws", token));
      const [server, postgres] = [houston.pid(), await embeddedPid(folder.path)];
      process.kill(postgres, signal);
      const statuses = new Set<number | undefined>();
      const back = async () => {
        statuses.add(await houston.ready());
        expect((await fetch(`${houston.url}/healthz`)).status).toBe(200);
        return (await embeddedPid(folder.path).catch(() => postgres)) !== postgres && (await houston.ready()) === 200;
      };
      await expect.poll(back, { timeout: 30_000, interval: 10 }).toBe(true);
      expect([...statuses].filter((status) => status !== 200 && status !== 503)).toEqual([]);
      expect(houston.pid()).toBe(server);
      expect(houston.logs()).toContain("The embedded PostgreSQL exited unexpectedly; starting it again");
      await expect.poll(houston.logs).toContain("The embedded PostgreSQL is running again");
      const { data } = await send("{ workspaces { label } }");
      expect(data.workspaces).toContainEqual({ label });
      // Sockets stay open and work.
      operationsOn(socket).start("1", "query { self { user { id } } }");
      expect((await socket.next(ofType("next"))).payload.errors).toBeUndefined();
    },
  );

  it("is followed by subscriptions and jobs again", LIMIT, async () => {
    const onDatabase = async <T>(work: (db: Database["db"]) => Promise<T>): Promise<T> => {
      const settings = configFrom({}).database.pool;
      const { db, close } = connect(await embeddedUrl(folder.path), settings, pino({ level: "silent" }));
      return work(db).finally(close);
    };
    const config = configFrom({ jwt: { secret: testSecret } });
    const { deployment } = await onDatabase((db) => createBuild(db, config).deployment());
    const socket = await closing(openAs(houston.url, "graphql-transport-ws", token));
    operationsOn(socket).start("1", SUBSCRIBE, { release: deployment.releaseName });
    await socket.next(ofType("next"));
    const before = await embeddedPid(folder.path);
    process.kill(before, "SIGKILL");
    const replaced = async () => (await embeddedPid(folder.path).catch(() => before)) !== before;
    await expect.poll(replaced, { timeout: 30_000 }).toBe(true);
    await expect.poll(houston.ready, { timeout: 30_000 }).toBe(200);
    // Whether it is heard by LISTEN or read when that resumes.
    const { id } = deployment;
    await onDatabase((db) => db.deployment.update({ where: { id }, data: { status: "UNHEALTHY" } }));
    await socket.next(ofType("next"));
    // Jobs run: this one sends a mail, which is written to the folder.
    const mails = () => readdir(join(folder.path, "mail")).catch(() => []);
    const sent = (await mails()).length;
    await send(`mutation { forgotPassword(email: "first@example.com") }`);
    await expect.poll(async () => (await mails()).length, { timeout: 30_000 }).toBeGreaterThan(sent);
  });
});

describe("secrets", () => {
  const secrets = () => join(folder.path, "secrets.json");
  beforeAll(async () => {
    expect(await houston.stop()).toBe(0);
  }, 60_000);

  it("that are lost are not replaced: Houston does not start, and says what to restore", LIMIT, async () => {
    await rename(secrets(), `${secrets()}.backup`);
    try {
      // The second start must not find what the first one left.
      for (let n = 0; n < 2; n += 1) {
        const { code, output } = await houston.fail();
        expect(code).toBe(1);
        expect(output).toContain("Houston did not start");
        expect(output).toMatch(/jwt\.secret, encryption\.keys: .*secrets\.json is missing, .*restore it from a backup/);
      }
    } finally {
      await rename(`${secrets()}.backup`, secrets());
    }
  });

  it(
    "S3: another encryption key is not accepted: Houston does not start, and names encryption.keys",
    LIMIT,
    async () => {
      const key = randomBytes(32).toString("hex");
      const { code, output } = await houston.fail({ ENCRYPTION__KEYS: JSON.stringify([key]) });
      expect(code).toBe(1);
      expect(output).toMatch(/encryption\.keys: must contain every key that has been the first one for this database/);
      expect(output).not.toContain(key);
    },
  );

  it("that are restored let Houston start, with all sessions", LIMIT, async () => {
    await houston.start();
    expect((await send("{ self { user { username } } }")).data.self.user.username).toBe("first@example.com");
  });
});
