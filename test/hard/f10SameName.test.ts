import { expect, it } from "vitest";
import { figures } from "../support/figures.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";
import { patient } from "../support/patient.ts";
import { shortened } from "../support/shortened.ts";

const ROUNDS = shortened(20, 5);
const REQUESTS = 50;

const { as, build, db } = await testHouston({
  ...patient,
  publicSignups: true,
  emailConfirmation: false,
  deployments: { manualReleaseNames: true },
});
const admin = await build.systemAdmin();
const { workspace } = await build.workspace();

/** What several people create at the same time: the document, the variables that name it, and how many there are. */
const cases = {
  "Workspace label": {
    document: "mutation ($name: String!) { createWorkspace(label: $name) { id } }",
    count: (label: string) => db.workspace.count({ where: { label } }),
    error: "CONFLICT label",
  },
  "release name": {
    document: `mutation ($name: String!, $label: String!) {
      createDeployment(workspaceUuid: "${workspace.id}", label: $label, releaseName: $name) { id }
    }`,
    count: (releaseName: string) => db.deployment.count({ where: { releaseName } }),
    error: "CONFLICT releaseName",
  },
  "Deployment label": {
    document: `mutation ($name: String!) {
      createDeployment(workspaceUuid: "${workspace.id}", label: $name) { id }
    }`,
    count: (label: string) => db.deployment.count({ where: { label } }),
    error: "CONFLICT label",
  },
  "e-mail address": {
    document: `mutation ($name: String!) { createUser(email: $name, password: "correct horse") { token { value } } }`,
    count: (address: string) => db.email.count({ where: { address } }),
    error: "CONFLICT email",
  },
  "team name": {
    document: "mutation ($name: String!) { createTeam(name: $name) { message } }",
    count: (name: string) => db.team.count({ where: { name } }),
    error: "CONFLICT name",
  },
};

it.each(Object.entries(cases))(
  "F10: of fifty who take the same %s at the same time, one gets it and the others a typed error",
  { timeout: 300_000 },
  async (what, { document, count, error }) => {
    const errors = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const name = what === "e-mail address" ? `same-${round}@example.com` : `same-${round}`;
      const caller = what === "e-mail address" ? undefined : admin;
      const answers = await Promise.all(
        Array.from({ length: REQUESTS }, (_, n) => as(caller).send(document, { name, label: `${name} ${n}` })),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(REQUESTS).fill(200));
      const outcomes = answers.map(outcomeOf);
      for (const one of outcomes) errors.set(one, (errors.get(one) ?? 0) + 1);
      expect(outcomes.filter((one) => one === "ok")).toHaveLength(1);
      expect(outcomes.filter((one) => one === error)).toHaveLength(REQUESTS - 1);
      expect(await count(name)).toBe(1);
    }
    figures(`F10 ${what}`, {
      rounds: ROUNDS,
      outcomes: [...errors].map(([outcome, times]) => `${outcome} ${times}`).join(" "),
    });
  },
);
