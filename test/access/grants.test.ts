import { expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { type Grant, guestOf, requestOf } from "./grants.ts";
import { type Binding, type Graph, storedGraph } from "./graph.ts";
import { bindingsOf, rightsOf } from "./graphRights.ts";
import { LIMIT, onGraphs } from "./onGraphs.ts";

// Admins hold every permission that a role of their level gives. When lesser roles may grant too, each field must check this.
const { as, build, db } = await testHouston({
  roles: {
    WORKSPACE_VIEWER: { permissions: { "workspace.iam.update": true, "workspace.serviceAccounts.create": true } },
    DEPLOYMENT_VIEWER: {
      permissions: {
        "deployment.userRoles.update": true,
        "deployment.teamRoles.update": true,
        "deployment.serviceAccounts.create": true,
      },
    },
    SYSTEM_VIEWER: {
      permissions: { "system.iam.update": true, "system.serviceAccounts.create": true, "system.teams.update": true },
    },
  },
});

it(
  "M6: nobody gains permissions that the granting caller lacks",
  async () => {
    let granted = 0;
    let attempts = 0;
    await onGraphs(db, async (graphs, grants) => {
      const wrong = await Promise.all(
        graphs.map(async (graph, n) => {
          const lines: string[] = [];
          for (const grant of grants[n] ?? []) {
            const { line, done } = await tryGrant(graph, grant);
            lines.push(...line);
            attempts++;
            if (done) granted++;
          }
          return lines;
        }),
      );
      expect(wrong.flat()).toEqual([]);
    });
    // A run in which everything is denied would prove nothing.
    expect(attempts).toBeGreaterThan(1_000);
    expect(granted).toBeGreaterThan(100);
    expect(invitations).toBeGreaterThan(50);
  },
  LIMIT,
);

let labels = 0;
let invitations = 0;

/** Sends a grant and reports everyone who gained a permission that the granting caller lacks, or any from a denied request. */
async function tryGrant(graph: Graph, grant: Grant): Promise<{ line: string[]; done: boolean }> {
  const label = `grant ${labels++}`;
  const request = requestOf(graph, grant, label);
  if (!request) return { line: [], done: false };
  const { caller, document, variables } = request;
  const kind = "token" in caller ? "service account" : "user";
  const token = "token" in caller ? caller.token : await build.tokenOf(caller.id);
  const before = await storedGraph(db, graph, label);
  const { errors } = await as({ token }).send(document, variables);
  // An invalid document would prove nothing either.
  expect(errors?.map(({ extensions }) => extensions.code) ?? []).not.toContain("GRAPHQL_VALIDATION_FAILED");
  const after = await storedGraph(db, graph, label);
  const held = errors ? new Set<string>() : rightsOf(graph, kind, bindingsOf(before, caller.id));
  const holders = [...before.bindings, ...after.bindings].flatMap((one) => one.userId ?? one.serviceAccountId ?? []);
  const subjects = new Set([...graph.users.map(({ id }) => id), ...holders]);
  const invited = await invitedAs(guestOf(label), graph);
  // Everybody has the rights of a user without roles.
  const usual = rightsOf(graph, "user", []);
  const promised = [...rightsOf(graph, "user", invited)]
    .filter((right) => !held.has(right) && !usual.has(right))
    .map((right) => `${kind} ${caller.id}: ${document} ${JSON.stringify(variables)} promised ${right}`);
  if (invited.length > 0) invitations++;
  const line = [...subjects].flatMap((id) => {
    const holderKind = graph.users.some((user) => user.id === id) ? "user" : "service account";
    const [bindingsBefore, bindingsAfter] = [bindingsOf(before, id), bindingsOf(after, id)];
    if (JSON.stringify(bindingsBefore) === JSON.stringify(bindingsAfter)) return [];
    const earlier = rightsOf(graph, holderKind, bindingsBefore);
    return [...rightsOf(graph, holderKind, bindingsAfter)]
      .filter((right) => !earlier.has(right) && !held.has(right))
      .map(
        (right) => `${kind} ${caller.id}: ${document} ${JSON.stringify(variables)} gave ${holderKind} ${id}: ${right}`,
      );
  });
  return { line: [...line, ...promised], done: !errors };
}

/** The roles that an invitation promises, as if it were accepted. */
async function invitedAs(email: string, { deployments }: Graph): Promise<Binding[]> {
  const invites = await db.invite.findMany({ where: { email } });
  return invites.flatMap(({ workspaceId, role, deploymentRoles }) => {
    const nobody = { id: email, userId: email, teamId: null, serviceAccountId: null, vouchedBy: null };
    const inDeployments = (deploymentRoles ?? []) as unknown as { deploymentId: string; role: Binding["role"] }[];
    return [
      ...(role ? [{ ...nobody, role, workspaceId, deploymentId: null }] : []),
      ...inDeployments
        .filter(({ deploymentId }) => deployments.some(({ id }) => id === deploymentId))
        .map((one) => ({ ...nobody, ...one, workspaceId: null })),
    ];
  });
}
