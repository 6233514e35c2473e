import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { figures, percentile } from "../support/figures.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";
import { patient } from "../support/patient.ts";
import { shortened } from "../support/shortened.ts";

/** Requests per second, and for how many seconds. */
const RATE = 100;
const SECONDS = shortened(20, 5);
/** The share of the attempts to write that end with a conflict: four of them in a row are rare. */
const SHARE = 0.2;

const { as, build, db } = await testHouston(patient);
const admin = await build.systemAdmin();
const { workspace, admin: owner } = await build.workspace();

const CREATE = "mutation ($label: String!) { createWorkspace(label: $label) { id } }";
const ADD = `mutation ($id: Uuid!, $email: String!) {
  workspaceAddUser(workspaceUuid: $id, email: $email, role: WORKSPACE_VIEWER) { id }
}`;

it.each(["40001", "40P01"])(
  "F13: at 100 requests per second, conflicts with other transactions (%s) are retried, and none ends with 500",
  { timeout: 180_000 },
  async (code) => {
    const people = await Promise.all(Array.from({ length: (RATE * SECONDS) / 4 }, () => build.user()));
    await db.$executeRawUnsafe("CREATE SEQUENCE IF NOT EXISTS conflicts");
    await db.$executeRawUnsafe(`CREATE OR REPLACE FUNCTION conflict() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF random() < ${SHARE} AND nextval('conflicts') > 0 THEN
        RAISE EXCEPTION 'injected' USING ERRCODE = '${code}';
      END IF;
      RETURN NEW;
    END $$`);
    await db.$executeRawUnsafe(
      `CREATE OR REPLACE TRIGGER conflict BEFORE INSERT ON "RoleBinding" FOR EACH ROW EXECUTE FUNCTION conflict()`,
    );
    const outcomes = new Map<string, number>();
    const times: number[] = [];
    const ask = async (n: number) => {
      const began = performance.now();
      // One statement, and a transaction.
      const person = n % 4 === 0 ? people[n / 4] : undefined;
      const answer = person
        ? await as(owner).send(ADD, { id: workspace.id, email: person.email })
        : await as(admin).send(CREATE, { label: `${code} ${n}` });
      times.push(performance.now() - began);
      const outcome = answer.status === 200 ? outcomeOf(answer) : `HTTP ${answer.status}`;
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    };
    const asked: Promise<void>[] = [];
    for (const first = performance.now(); asked.length < RATE * SECONDS; ) {
      asked.push(ask(asked.length));
      await sleep(Math.max(0, first + (asked.length * 1_000) / RATE - performance.now()));
    }
    await Promise.all(asked);
    await db.$executeRawUnsafe(`DROP TRIGGER conflict ON "RoleBinding"`);
    const [{ conflicts } = { conflicts: 0n }] = await db.$queryRawUnsafe<{ conflicts: bigint }[]>(
      "SELECT last_value AS conflicts FROM conflicts",
    );
    await db.$executeRawUnsafe("ALTER SEQUENCE conflicts RESTART");
    figures(`F13 ${code}`, {
      requests: asked.length,
      conflicts: Number(conflicts),
      "p99 ms": percentile(times, 0.99),
      outcomes: [...outcomes].map(([outcome, number]) => `${outcome} ${number}`).join(" "),
    });
    expect(Number(conflicts)).toBeGreaterThan(asked.length * SHARE * 0.5);
    const other = [...outcomes.keys()].filter((one) => one !== "ok" && one !== "SERVICE_UNAVAILABLE");
    expect(other).toEqual([]);
    // What conflicts at each of four attempts.
    expect(outcomes.get("SERVICE_UNAVAILABLE") ?? 0).toBeLessThan(asked.length * SHARE ** 4 * 10);
  },
);
