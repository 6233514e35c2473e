import bcrypt from "bcrypt";
import { expect, it } from "vitest";
import { figures, percentile } from "../support/figures.ts";
import { testHouston } from "../support/houston.ts";
import { inTime } from "../support/inTime.ts";
import { createMailbox } from "../support/mailbox.ts";
import { shortened } from "../support/shortened.ts";

const mailbox = createMailbox();
const { as, build, db } = await testHouston({ publicSignups: true, email: { folder: mailbox.folder } });
await build.systemAdmin();

const SAMPLES = shortened(300, 30);

/** In milliseconds. */
const BOUND = 5;

const passwordHash = await bcrypt.hash("correct horse", 10);
const active = async () => (await build.user({ localCredential: { create: { passwordHash } } })).email;
let addresses = 0;
const unknown = async () => `nobody${addresses++}@example.com`;
const pending = async () => {
  const address = await unknown();
  await db.user.create({ data: { username: address, emails: { create: { address } } } });
  return address;
};

/** What somebody who wants to know whether an address is known asks for, and a new one that is. */
const requests: Record<string, { known(): Promise<string>; document: string }> = {
  "sign-in": { known: active, document: `createToken(identity: $email, password: "wrong horse") { isAdmin }` },
  "sign-up": { known: active, document: `createUser(email: $email, password: "correct horse") { user { status } }` },
  "sign-up of a pending user": {
    known: pending,
    document: `createUser(email: $email, password: "correct horse") { user { status } }`,
  },
  forgotPassword: { known: active, document: "forgotPassword(email: $email)" },
  resendConfirmation: { known: pending, document: "resendConfirmation(email: $email)" },
};

it.each(Object.entries(requests))(
  "T23: %s takes as long for a known address as for an unknown one",
  { timeout: 600_000 },
  async (name, { known, document }) => {
    const query = `mutation ($email: String!) { ${document} }`;
    const timed = async (email: string) => {
      const begin = performance.now();
      const { status } = await as(undefined).send(query, { email });
      const took = performance.now() - begin;
      expect(status).toBe(200);
      // The next sample does not share the machine with the e-mail of this one.
      await mailbox.settled(db);
      return took;
    };
    const times = { known: [] as number[], unknown: [] as number[] };
    const differences: number[] = [];
    for (let n = -10; n < SAMPLES; n++) {
      const emails = { known: await known(), unknown: await unknown() };
      const pair = { known: 0, unknown: 0 };
      // In turn, so that whatever else the machine does slows both down.
      const order = n % 2 === 0 ? (["known", "unknown"] as const) : (["unknown", "known"] as const);
      for (const which of order) pair[which] = await timed(emails[which]);
      if (n < 0) continue;
      for (const which of order) times[which].push(pair[which]);
      differences.push(pair.known - pair.unknown);
    }
    const [one, other] = [percentile(times.known, 0.5), percentile(times.unknown, 0.5)];
    const difference = percentile(differences, 0.5);
    figures(`T23 ${name}`, {
      "known ms": one,
      "unknown ms": other,
      "difference of medians ms": one - other,
      "median difference of pairs ms": difference,
    });
    inTime(Math.abs(difference), BOUND);
  },
);
