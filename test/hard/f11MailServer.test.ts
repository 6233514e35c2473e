import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { freePort } from "../../src/platform/database/embedded/postmaster.ts";
import { startTestApp } from "../support/app.ts";
import { createAs } from "../support/as.ts";
import { createBuild } from "../support/build.ts";
import { figures, percentile } from "../support/figures.ts";
import { inTime } from "../support/inTime.ts";
import { shortened } from "../support/shortened.ts";
import { smtpServer } from "../support/smtpServer.ts";

/** Milliseconds that the mail server is still unavailable after the last invitation. */
const OUTAGE = shortened(30_000, 5_000);
/** Milliseconds after an outage within which all e-mails are delivered. */
const DELIVERED = 60_000;

/** A server that accepts connections and does `then` with them. */
async function tcpServer(port: number, then: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    then(socket);
  }).listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}

const answer = (responseCode: number) => Object.assign(new Error("Not now"), { responseCode });
type Closing = { close(): Promise<void> };

/** Ways in which a mail server fails, and how many people are invited meanwhile. */
const faults: Record<string, { invites: number; begin(port: number): Promise<Closing> }> = {
  "refuses connections": { invites: shortened(1_000, 50), begin: async () => ({ close: async () => undefined }) },
  "accepts connections and never greets": {
    invites: shortened(1_000, 50),
    begin: (port) => tcpServer(port, (socket) => socket.resume()),
  },
  "closes connections with 421": {
    invites: shortened(200, 50),
    begin: (port) => tcpServer(port, (socket) => socket.end("421 4.3.2 Not now\r\n")),
  },
};

const INVITE = "mutation ($email: String!) { inviteUser(email: $email) { id } }";

async function houstonWithMail() {
  const port = await freePort();
  const houston = await startTestApp({ email: { enabled: true, smtpUrl: `smtp://127.0.0.1:${port}` } });
  const admin = await createBuild(houston.db, houston.config).systemAdmin();
  const send = createAs(houston.url)(admin);
  /** Invites so many people, two at a time; returns how long each took, in milliseconds. */
  const invite = async (people: number) => {
    const times: number[] = [];
    let next = 0;
    const one = async () => {
      while (next < people) {
        const email = `guest${next++}@example.com`;
        const began = performance.now();
        const { errors } = await send.send(INVITE, { email });
        times.push(performance.now() - began);
        expect(errors).toBeUndefined();
      }
    };
    await Promise.all([one(), one()]);
    return times;
  };
  const jobs = async () =>
    houston.db.$queryRaw<{ attempts: number; max_attempts: number; last_error: string | null }[]>`
      SELECT attempts, max_attempts, last_error FROM graphile_worker.jobs WHERE task_identifier = 'sendMail'`;
  return { houston, port, invite, jobs };
}

it.each(Object.entries(faults))(
  "F11: a mail server that %s delays no request, and all e-mails arrive within a minute of its return",
  { timeout: 300_000 },
  async (fault, { invites, begin }) => {
    const { houston, port, invite, jobs } = await houstonWithMail();
    const broken = await begin(port);
    const times = await invite(invites);
    await sleep(OUTAGE);
    expect(await jobs()).toHaveLength(invites);
    await broken.close();
    const returned = performance.now();
    const server = await smtpServer(port);
    await expect.poll(() => new Set(server.accepted).size, { timeout: 120_000, interval: 50 }).toBe(invites);
    const delivered = performance.now() - returned;
    await expect.poll(jobs).toEqual([]);
    figures(`F11 ${fault}`, {
      invites,
      "mutation p99 ms": percentile(times, 0.99),
      "delivered after ms": delivered,
      repeated: server.accepted.length - invites,
    });
    await houston.close();
    await server.close();
    inTime(percentile(times, 0.99), 500);
    expect(delivered).toBeLessThanOrEqual(DELIVERED);
    expect(server.accepted).toHaveLength(invites);
  },
);

it("F11: e-mails that the server rejects for now are sent later, and those rejected for good are counted as failed", {
  timeout: 240_000,
}, async () => {
  const invites = shortened(200, 50);
  const { houston, port, invite, jobs } = await houstonWithMail();
  let rejecting = true;
  const server = await smtpServer(port, {
    onRcptTo: ({ address }, _session, done) => {
      if (/^guest\d*0@/.test(address)) return done(answer(550));
      return done(rejecting ? answer(451) : null);
    },
  });
  const times = await invite(invites);
  await sleep(5_000);
  expect(server.accepted).toEqual([]);
  rejecting = false;
  const returned = performance.now();
  const forGood = invites / 10;
  await expect.poll(() => new Set(server.accepted).size, { timeout: 120_000, interval: 50 }).toBe(invites - forGood);
  const delivered = performance.now() - returned;
  await expect.poll(async () => (await jobs()).length).toBe(forGood);
  for (const job of await jobs()) {
    expect(job).toMatchObject({ attempts: job.max_attempts, last_error: expect.stringContaining("550 Not now") });
  }
  const failed = async () =>
    /houston_jobs\{state="failed"\} (\d+)/.exec(await (await fetch(`${houston.operationsUrl}/metrics`)).text())?.[1];
  await expect.poll(failed, { timeout: 30_000 }).toBe(String(forGood));
  figures("F11 rejected e-mails", {
    invites,
    "mutation p99 ms": percentile(times, 0.99),
    "delivered after ms": delivered,
    "kept as failed": forGood,
  });
  await houston.close();
  await server.close();
  inTime(percentile(times, 0.99), 500);
  expect(delivered).toBeLessThanOrEqual(DELIVERED);
});
