import fc from "fast-check";
import { expect, it } from "vitest";
import { authorize, type Caller } from "../../src/auth/authorize.ts";
import type { Permission } from "../../src/auth/permissions.ts";
import { createRoles } from "../../src/auth/roles.ts";
import type { Role } from "../../src/generated/prisma/enums.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();
const roles = createRoles();

const people = [await build.user(), await build.user(), await build.user()] as const;
const places = [await build.deployment(), await build.deployment()].map(({ deployment }) => deployment);
const teams = [(await build.team({ members: [] })).team, (await build.team({ members: [] })).team] as const;
await db.roleBinding.deleteMany();

const level = fc.constantFrom("ADMIN", "EDITOR", "VIEWER");
const place = fc.nat(1);
const binding = fc.oneof(
  { weight: 1, arbitrary: fc.record({ role: level.map((name) => `SYSTEM_${name}` as Role), at: fc.constant(-1) }) },
  { weight: 4, arbitrary: fc.record({ role: level.map((name) => `WORKSPACE_${name}` as Role), at: place }) },
  { weight: 4, arbitrary: fc.record({ role: level.map((name) => `DEPLOYMENT_${name}` as Role), at: place }) },
);
/** Who holds what, and who is in which team: subjects 0 to 2 are people, 3 and 4 teams. */
const graph = fc.record({
  bindings: fc.uniqueArray(fc.record({ subject: fc.nat(4), binding }), {
    maxLength: 8,
    // One role in a place.
    selector: ({ subject, binding: { role, at } }) => `${subject} ${role.split("_")[0]} ${at}`,
  }),
  members: fc.uniqueArray(fc.record({ person: fc.nat(2), team: fc.nat(1) }), {
    maxLength: 5,
    selector: ({ person, team }) => `${person} ${team}`,
  }),
});
type Graph = typeof graph extends fc.Arbitrary<infer G> ? G : never;

const scopeOf = ({ role, at }: { role: Role; at: number }) => ({
  workspaceId: role.startsWith("WORKSPACE") ? (places[at]?.workspaceId ?? null) : null,
  deploymentId: role.startsWith("DEPLOYMENT") ? (places[at]?.id ?? null) : null,
});

async function store({ bindings, members }: Graph) {
  await db.roleBinding.deleteMany();
  await db.teamMember.deleteMany();
  await db.teamMember.createMany({
    data: members.map(({ person, team }) => ({ userId: people[person]?.id ?? "", teamId: teams[team]?.id ?? "" })),
  });
  await db.roleBinding.createMany({
    data: bindings.map(({ subject, binding: one }) => ({
      role: one.role,
      ...scopeOf(one),
      userId: people[subject]?.id ?? null,
      teamId: teams[subject - 3]?.id ?? null,
      vouchedBy: "user:nobody",
    })),
  });
}

/** The person with the roles that the graph gives them, own ones and their teams', as the rule in auth/authorize.ts takes them. */
function callerOf({ bindings, members }: Graph, person: number): Caller {
  const subjects = [person, ...members.filter((one) => one.person === person).map(({ team }) => team + 3)];
  const held = bindings.filter(({ subject }) => subjects.includes(subject));
  return {
    kind: "user",
    id: people[person]?.id ?? "",
    bindings: held.map(({ binding: one }) => ({ role: one.role, ...scopeOf(one) })),
  };
}

const idsOf = (rows: { id: string }[]) => rows.map(({ id }) => id).sort();

it("shows everyone exactly what their own and their teams' roles allow, in lists as one by one", {
  timeout: 300_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(graph, fc.nat(2), async (given, person) => {
      await store(given);
      const caller = callerOf(given, person);
      const may = (permission: Permission, scope: { workspaceId?: string; deploymentId?: string } = {}) =>
        authorize(roles, caller, [permission], scope);
      const send = async (document: string) => as(people[person]).send(document);

      const workspaces = places
        .map(({ workspaceId }) => workspaceId)
        .filter((workspaceId) => may("workspace.config.get", { workspaceId }) || may("system.workspace.get"));
      expect(idsOf((await send("{ workspaces { id } }")).data.workspaces)).toEqual([...workspaces].sort());
      const deployments = places
        .filter(
          ({ id: deploymentId, workspaceId }) =>
            may("system.deployments.get") ||
            may("workspace.deployments.get", { workspaceId }) ||
            may("deployment.config.get", { workspaceId, deploymentId }),
        )
        .map(({ id }) => id);
      expect(idsOf((await send("{ deployments { id } }")).data.deployments)).toEqual(deployments.sort());

      for (const [n, { workspaceId }] of places.entries()) {
        const seen = outcomeOf(await send(`{ workspace(workspaceUuid: "${workspaceId}") { id } }`)) === "ok";
        expect(seen).toBe(workspaces.includes(workspaceId));
        const answer = await send(`{ workspaceTeams(workspaceUuid: "${workspaceId}") { id users { id } } }`);
        const allowed = may("workspace.teams.get", { workspaceId }) || may("system.teams.get");
        expect(outcomeOf(answer)).toBe(allowed ? "ok" : "FORBIDDEN");
        if (!allowed) continue;
        const there = teams.filter((_, team) =>
          given.bindings.some(
            (one) => one.subject === team + 3 && one.binding.role.startsWith("WORKSPACE") && one.binding.at === n,
          ),
        );
        expect(idsOf(answer.data.workspaceTeams)).toEqual(idsOf([...there]));
        for (const { id, users } of answer.data.workspaceTeams) {
          const direct = await send(`{ teamUsers(teamUuid: "${id}") { id } }`);
          expect(idsOf(users)).toEqual(direct.errors ? [] : idsOf(direct.data.teamUsers));
        }
      }
      for (const [n, { id }] of teams.entries()) {
        const answer = await send(`{ teamUsers(teamUuid: "${id}") { id } }`);
        const members = given.members.filter(({ team }) => team === n).map((one) => people[one.person]?.id ?? "");
        const shown =
          may("system.teams.get") ||
          members.includes(caller.id) ||
          given.bindings.some(({ subject, binding: one }) => {
            const { workspaceId } = scopeOf(one);
            return subject === n + 3 && workspaceId !== null && may("workspace.teams.getAll", { workspaceId });
          });
        expect(outcomeOf(answer)).toBe(shown ? "ok" : "FORBIDDEN");
        if (shown) expect(idsOf(answer.data.teamUsers)).toEqual(members.sort());
      }
    }),
    { numRuns: 100 },
  );
});
