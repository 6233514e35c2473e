import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { rssMegabytes } from "../../bench/machine.ts";
import { testSecret } from "../support/app.ts";
import { createTestDatabase } from "../support/db.ts";

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanup.splice(0).toReversed()) await clean();
});

interface Started {
  child: ChildProcess;
  url: string;
  operationsUrl: string;
  /** Everything printed so far. */
  output: string;
}

/** Starts Houston as `npm start` does, in a process of its own; it may not be ready yet. */
async function run(env: Record<string, string> = {}): Promise<ChildProcess> {
  const database = await createTestDatabase();
  cleanup.push(() => database.drop());
  const folder = await mkdtemp(join(tmpdir(), "houston-stop-"));
  cleanup.push(() => rm(folder, { recursive: true, force: true }));
  const child = spawn(process.execPath, ["src/main.ts"], {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: database.url,
      DATABASE__DATA_FOLDER: folder,
      JWT__SECRET: testSecret,
      ENCRYPTION__KEYS: JSON.stringify([testSecret]),
      WEBSERVER__HOST: "127.0.0.1",
      WEBSERVER__PORT: "0",
      WEBSERVER__OPERATIONS_PORT: "0",
      WEBSERVER__DRAIN_DELAY: "700",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  cleanup.push(async () => {
    if (child.exitCode === null && child.signalCode === null && child.kill("SIGKILL")) await once(child, "exit");
  });
  return child;
}

/** Starts Houston and waits until it accepts requests. */
async function start(env: Record<string, string> = {}): Promise<Started> {
  const child = await run(env);
  let output = "";
  let logs = "";
  child.stderr?.on("data", (chunk) => (output += chunk));
  child.stdout?.on("data", (chunk) => (logs += chunk));
  await expect.poll(() => output, { timeout: 60_000 }).toContain("is ready at");
  const addresses = () => [...logs.matchAll(/listening at (http:[^"]+)"/g)].map(([, at]) => at);
  // Log lines appear with a delay, several together.
  await expect.poll(() => addresses().length).toBe(2);
  const [operationsUrl = "", url = ""] = addresses();
  return { child, url, operationsUrl, output };
}

/** The status of a response, when all of it has arrived. */
async function statusOf(request: ClientRequest): Promise<number | undefined> {
  const [response] = (await once(request, "response")) as [IncomingMessage];
  response.resume();
  await once(response, "end");
  return response.statusCode;
}

/** A connection that stays open until the server closes it. */
async function rawClient(url: string) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const closed = once(socket, "close");
  await once(socket, "connect");
  return {
    closed,
    /** Sends a request and returns the head of the response. */
    async send(): Promise<string> {
      socket.write("GET /v1/healthz HTTP/1.1\r\nhost: x\r\n\r\n");
      return String((await once(socket, "data"))[0]);
    },
  };
}

const exit = async (child: ChildProcess) => (await once(child, "exit"))[0] as number;

const post = (url: string, query: string) =>
  fetch(`${url}/v1`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query }),
  });

/** What a failed start prints before it exits with code 1. */
async function failedStart(env: Record<string, string>) {
  const child = await run(env);
  let output = "";
  child.stderr?.on("data", (chunk) => (output += chunk));
  expect((await once(child, "close"))[0]).toBe(1);
  return output.trim();
}

describe("npm start", () => {
  it.each(["WEBSERVER__PORT", "WEBSERVER__OPERATIONS_PORT"])(
    "reports that the port of %s is in use",
    async (setting) => {
      const other = createServer().listen(0, "127.0.0.1");
      cleanup.push(async () => other.close());
      await once(other, "listening");
      const { port } = other.address() as AddressInfo;
      const output = await failedStart({ [setting]: String(port) });
      expect(output).toMatch(
        new RegExp(`^Houston did not start: port ${port} is already in use; .*\\(${setting}\\) to another port$`),
      );
    },
  );

  it.runIf(process.platform === "linux")("uses less than 400 MB of memory while idle", async () => {
    const { child } = await start();
    await sleep(3_000);
    const megabytes = rssMegabytes(child.pid ?? 0);
    expect(megabytes).toBeGreaterThan(50);
    // It takes 200 to 250 MB (docs/tuning.md). This only notices a start that keeps what it should not.
    expect(megabytes).toBeLessThan(400);
  });

  it("reports an address that the machine does not have", async () => {
    // TEST-NET-1, which no machine has.
    const output = await failedStart({ WEBSERVER__HOST: "192.0.2.254" });
    expect(output).toBe(
      "Houston did not start: this machine has no address 192.0.2.254; set webserver.host (WEBSERVER__HOST)",
    );
  });

  it("reports that PostgreSQL does not respond, without the password", async () => {
    const output = await failedStart({ DATABASE_URL: "postgresql://houston:hidden@127.0.0.1:1/houston" });
    expect(output).toBe(
      "Houston did not start: database.url (DATABASE_URL): nothing accepts connections at 127.0.0.1:1; " +
        "start PostgreSQL there, or correct the host and port",
    );
    expect(output).not.toContain("hidden");
  });

  it("prints commands that work as printed", async () => {
    const { output, child } = await start();
    const commands = output.split("\n").filter((line) => line.trim().startsWith("curl "));
    expect(commands).toHaveLength(2);
    for (const command of commands) {
      const shell = spawn("sh", ["-c", command], { stdio: ["ignore", "pipe", "ignore"] });
      let answer = "";
      shell.stdout.on("data", (chunk) => (answer += chunk));
      await once(shell, "close");
      expect(JSON.parse(answer).errors).toBeUndefined();
      expect(JSON.parse(answer).data).toBeTruthy();
    }
    child.kill("SIGINT");
    expect(await exit(child)).toBe(0);
  }, 100_000);
});

describe("SIGTERM", () => {
  it("stops readiness, finishes running requests and exits with 0", async () => {
    // Long enough for all requests below, even on a busy machine.
    const drainDelay = 8_000;
    const { child, url, operationsUrl } = await start({ WEBSERVER__DRAIN_DELAY: `${drainDelay}` });
    const exited = exit(child);
    // Takes a while, because it hashes the password.
    const signIn = `mutation { createToken(identity: "a@example.com", password: "wrong horse") { token { value } } }`;
    const responses = Array.from({ length: 8 }, () => post(url, signIn));
    await sleep(50);
    const began = Date.now();
    child.kill("SIGTERM");
    await expect.poll(async () => (await fetch(`${operationsUrl}/readyz`)).status).toBe(503);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await post(url, "{ appConfig { version } }")).status).toBe(200);
    for (const answer of await Promise.all(responses)) expect(answer.status).toBe(200);
    expect(await exited).toBe(0);
    expect(Date.now() - began).toBeGreaterThanOrEqual(drainDelay);
    expect(Date.now() - began).toBeLessThan(25_000);
  }, 100_000);

  it("costs no request: every one that a client could send is answered", async () => {
    const { child, url } = await start({ WEBSERVER__DRAIN_DELAY: "1000" });
    const exited = exit(child);
    const { hostname, port } = new URL(url);
    const failures: unknown[] = [];
    let [answered, refused] = [0, false];
    const { promise: closedPort, resolve: portIsClosed } = Promise.withResolvers<void>();
    /** Sends requests one after the other until the port is closed. */
    const client = async (agent: Agent | false) => {
      while (!refused) {
        try {
          const status = await statusOf(request({ hostname, port, path: "/v1/healthz", agent }).end());
          if (status === 200) answered += 1;
          else failures.push(status);
          await sleep(5);
        } catch (error) {
          // The connection was not opened, so nothing was sent: proxies then use another replica.
          if ((error as NodeJS.ErrnoException).code === "ECONNREFUSED") {
            refused = true;
            portIsClosed();
          } else failures.push(error);
        }
      }
    };
    // Open before the signal: one that has sent a request, and one that has sent none.
    const idle = await Promise.all([rawClient(url), rawClient(url)]);
    expect(await idle[0]?.send()).toMatch(/^HTTP\/1.1 200 [\s\S]*connection: keep-alive/i);
    const keepAlive = new Agent({ keepAlive: true });
    const clients = [client(keepAlive), client(keepAlive), client(false), client(false)];
    await sleep(300);
    child.kill("SIGTERM");
    // At once, because idle connections do not stay open for long after the port.
    await closedPort;
    for (const answer of await Promise.all(idle.map(({ send }) => send()))) {
      expect(answer).toMatch(/^HTTP\/1.1 200 [\s\S]*connection: close/i);
    }
    await Promise.all([...clients, ...idle.map(({ closed }) => closed)]);
    expect(failures).toEqual([]);
    expect(answered).toBeGreaterThan(20);
    expect(await exited).toBe(0);
    keepAlive.destroy();
  }, 100_000);

  it("exits immediately when sent twice", async () => {
    const { child, operationsUrl } = await start({ WEBSERVER__DRAIN_DELAY: "20000" });
    const exited = exit(child);
    child.kill("SIGTERM");
    await expect.poll(async () => (await fetch(`${operationsUrl}/readyz`)).status).toBe(503);
    child.kill("SIGTERM");
    expect(await exited).toBe(143);
  }, 100_000);
});
