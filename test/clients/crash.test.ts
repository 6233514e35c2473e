import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { createAs } from "../support/as.ts";

const folder = await mkdtemp(join(tmpdir(), "houston-crash-"));
const [port, operationsPort] = [await freePort(), await freePort()];
let server: ChildProcess | undefined;

afterAll(async () => {
  await stop("SIGTERM");
  await rm(folder, { recursive: true, force: true });
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

/** Starts the server as `npm start` does, on an embedded database of its own, and waits until it is ready. */
async function start() {
  server = spawn(process.execPath, ["src/main.ts"], {
    stdio: "ignore",
    env: {
      PATH: process.env.PATH,
      DATABASE__DATA_FOLDER: folder,
      WEBSERVER__HOST: "127.0.0.1",
      WEBSERVER__PORT: String(port),
      WEBSERVER__OPERATIONS_PORT: String(operationsPort),
      WEBSERVER__DRAIN_DELAY: "0",
    },
  });
  for (let tries = 0; tries < 300; tries++) {
    const ready = await fetch(`http://127.0.0.1:${operationsPort}/readyz`).catch(() => undefined);
    if (ready?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the server did not become ready within 30 s");
}

function stop(signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    if (!server || server.exitCode !== null) return resolve();
    server.once("exit", () => resolve());
    server.kill(signal);
  });
}

it("no acknowledged Workspace is lost when the server is killed while 20 clients create them", {
  timeout: 90_000,
}, async () => {
  await start();
  const as = createAs(`http://127.0.0.1:${port}`);
  const { data } = await as(undefined).send(
    `mutation { createUser(email: "first@example.com", password: "correct horse battery") { token { value } } }`,
  );
  const token = data.createUser.token.value as string;

  const acknowledged: string[] = [];
  let killed = false;
  const client = async (number: number) => {
    for (let round = 0; !killed; round++) {
      const label = `client ${number} round ${round}`;
      const answer = await as({ token })
        .send(`mutation ($label: String!) { createWorkspace(label: $label) { id label } }`, { label })
        .catch(() => undefined);
      if (answer?.data?.createWorkspace?.label === label) acknowledged.push(label);
    }
  };
  const clients = Array.from({ length: 20 }, (_, number) => client(number));
  while (acknowledged.length < 200) await new Promise((resolve) => setTimeout(resolve, 10));
  await stop("SIGKILL");
  killed = true;
  await Promise.all(clients);

  await start();
  const after = await as({ token }).send(`{ sysWorkspaces { label roleBindings { role user { username } } } }`);
  const found = new Map<string, unknown[]>(
    after.data.sysWorkspaces.map((one: { label: string; roleBindings: unknown[] }) => [one.label, one.roleBindings]),
  );
  expect(acknowledged.filter((label) => !found.has(label))).toEqual([]);
  // Each write is complete too: every Workspace has its admin.
  for (const roleBindings of found.values()) {
    expect(roleBindings).toEqual([{ role: "WORKSPACE_ADMIN", user: { username: "first@example.com" } }]);
  }
});
