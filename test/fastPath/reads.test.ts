import fc from "fast-check";
import { type GraphQLObjectType, getNamedType, isObjectType } from "graphql";
import { describe, expect, it, vi } from "vitest";
import { newApiKey } from "../../src/access/apiKey.ts";
import { createSchema } from "../../src/api/graphql/createSchema.ts";
import { nouns } from "../../src/services/nouns.ts";
import { countStatements } from "../support/countStatements.ts";
import { lastRunners } from "../support/fastPathRunners.ts";
import { testHouston } from "../support/houston.ts";

vi.mock(import("../../src/fastPath/batching/batchRunners.ts"), async (original) => {
  const { recordRunners } = await import("../support/fastPathRunners.ts");
  return recordRunners(original);
});

const { as, build, db } = await testHouston({
  fastPath: { enabled: true },
  limits: { tokens: 5_000, depth: 20, lists: 20, aliases: 500, repetitions: 500, directives: 500 },
});
const schema = createSchema(nouns);

/** Fields computed in JavaScript: documents with one of them take Apollo's path. */
const computed = new Set([
  "urls",
  "profile",
  "apiKey",
  "Deployment.scheduler",
  "Deployment.deployInfo",
  "Cluster.baseDomain",
  "Cluster.isConnected",
]);

/** A platform with rows in every table, and callers who see different parts of it. */
async function scene() {
  const [here, other] = [await build.workspace({ description: "Here" }), await build.workspace()];
  const { deployment, viewer } = await build.deployment({
    workspaceId: here.workspace.id,
    config: { executor: "CeleryExecutor", workers: { replicas: 2, resources: { limits: { cpu: 100 } } } },
  });
  await build.deployment({ workspaceId: other.workspace.id });
  await db.environmentVariable.create({
    data: { deploymentId: deployment.id, key: "KEY", value: "it's", isSecret: false },
  });
  const account = await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: here.workspace.id });
  const both = await build.user({
    fullName: 'Quote "and" \\ slash',
    roles: [
      { role: "WORKSPACE_VIEWER", workspaceId: other.workspace.id },
      { role: "DEPLOYMENT_EDITOR", deploymentId: deployment.id },
    ],
  });
  const { team, member } = await build.team({
    roles: [
      { role: "WORKSPACE_EDITOR", workspaceId: here.workspace.id },
      { role: "DEPLOYMENT_ADMIN", deploymentId: deployment.id },
    ],
  });
  await build.team({
    members: [both, here.viewer],
    roles: [{ role: "WORKSPACE_VIEWER", workspaceId: other.workspace.id }],
  });
  const workspaceCallers = { admin: here.admin, viewer: here.viewer, deploymentViewer: viewer, both, account, member };
  const systemViewer = await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] });
  return { ...workspaceCallers, systemAdmin: await build.systemAdmin(), systemViewer, here, deployment, team };
}
const stage = await scene();

const roots = {
  workspaces: { type: "Workspace", call: "workspaces" },
  workspace: { type: "Workspace", call: `workspace(workspaceUuid: "${stage.here.workspace.id}")` },
  deployments: { type: "Deployment", call: "deployments" },
  workspaceDeployments: {
    type: "Deployment",
    call: `workspaceDeployments(workspaceUuid: "${stage.here.workspace.id}")`,
  },
  deployment: { type: "Deployment", call: `deployment(where: { releaseName: "${stage.deployment.releaseName}" })` },
  paginatedDeployments: { type: "Deployment", call: "paginatedDeployments(take: 5)" },
  paginatedWorkspaces: { type: "Workspace", call: "paginatedWorkspaces(take: 1, pageNumber: 1)" },
  cluster: { type: "Cluster", call: `cluster(id: "cldefault0000000000000000")` },
  users: { type: "User", call: "users" },
  workspaceUsers: { type: "User", call: `workspaceUsers(workspaceUuid: "${stage.here.workspace.id}")` },
  paginatedWorkspaceUsers: {
    type: "User",
    call: `paginatedWorkspaceUsers(workspaceUuid: "${stage.here.workspace.id}", take: 2)`,
  },
  deploymentUsers: { type: "User", call: `deploymentUsers(deploymentId: "${stage.deployment.id}")` },
  invites: { type: "Invite", call: "invites" },
  team: {
    type: "Team",
    call: `team(teamUuid: "${stage.team.id}", workspaceUuid: "${stage.here.workspace.id}")`,
  },
  teamUsers: { type: "User", call: `teamUsers(teamUuid: "${stage.team.id}")` },
  workspaceTeams: { type: "Team", call: `workspaceTeams(workspaceUuid: "${stage.here.workspace.id}")` },
  deploymentTeams: { type: "Team", call: `deploymentTeams(deploymentUuid: "${stage.deployment.id}")` },
  groups: { type: "Group", call: "groups" },
  workspaceServiceAccounts: {
    type: "ServiceAccount",
    call: `workspaceServiceAccounts(workspaceUuid: "${stage.here.workspace.id}")`,
  },
} as const;

/** A random selection of a type: fields, aliases, directives, inline fragments, nested objects. */
function selection(typeName: string, depth: number): fc.Arbitrary<string> {
  const type = schema.getType(typeName) as GraphQLObjectType;
  const fields = Object.values(type.getFields()).filter(
    (field) => !computed.has(field.name) && !computed.has(`${typeName}.${field.name}`),
  );
  const one = fc.constantFrom(...fields).chain((field) => {
    const named = getNamedType(field.type);
    const below = isObjectType(named)
      ? depth > 0
        ? selection(named.name, depth - 1).map((inner) => ` { ${inner} }`)
        : fc.constant(" { __typename }")
      : fc.constant("");
    return fc
      .tuple(
        fc.constantFrom("", "", "x: ", "y: "),
        fc.constantFrom("", "", " @include(if: $yes)", " @skip(if: $yes)"),
        below,
      )
      .map(([alias, directive, inner]) => `${alias ? `${field.name}_${alias}` : ""}${field.name}${directive}${inner}`);
  });
  const part = fc.oneof(
    { weight: 8, arbitrary: one },
    { weight: 1, arbitrary: one.map((inner) => `... on ${typeName} { ${inner} }`) },
    { weight: 1, arbitrary: fc.constant("__typename") },
  );
  return fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => `__typename ${parts.join(" ")}`);
}

const documents = fc
  .constantFrom(...Object.values(roots))
  .chain(({ type, call }) =>
    selection(type, 3).map((inner) => `query ($yes: Boolean = true) { root: ${call} { ${inner} } }`),
  );

const callers = fc.constantFrom(
  ...(["admin", "viewer", "deploymentViewer", "both", "account", "member", "systemAdmin", "systemViewer"] as const),
);

describe("a repeated document", () => {
  it("returns in one statement what Apollo's path returned, for every caller", { timeout: 300_000 }, async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(
        documents,
        callers,
        fc.constantFrom({}, { yes: true }, { yes: false }),
        async (document, caller, variables) => {
          const someone = as(stage[caller]);
          const first = await someone.send(document, variables);
          const { result: again, statements } = await countStatements(() => someone.send(document, variables));
          expect(again).toEqual(first);
          if (!first.errors && first.data.root !== null) {
            expect(statements).toHaveLength(1);
            compared++;
          }
        },
      ),
      { numRuns: 1_000 },
    );
    expect(compared).toBeGreaterThan(400);
  });

  it("omits permission checks for nested rows that the field's own rule implies", async () => {
    const statementsOf = async (document: string) => {
      const caller = as(stage.systemViewer);
      await caller.send(document);
      return (await countStatements(() => caller.send(document))).statements.join();
    };
    // A caller who may list all users may see all role bindings; one who may list all Deployments may see all Workspaces.
    expect(await statementsOf("{ users { id roleBindings { role } } }")).not.toContain("FROM held");
    expect(await statementsOf("{ paginatedDeployments { id workspace { id } } }")).not.toContain("FROM held");
    // Not every role that may list Deployments may change them.
    const change = "{ paginatedDeployments { deploymentCapabilities { canUpdateDeployment } } }";
    expect(await statementsOf(change)).toContain("FROM held");
    expect(await statementsOf("{ workspaces { id } }")).toContain("FROM held");
  });

  it("takes Apollo's path for fields computed in JavaScript", async () => {
    const document = `query ($id: Uuid!) { workspaceDeployments(workspaceUuid: $id) { urls { type } scheduler { replicas { default } } } }`;
    for (let round = 0; round < 3; round++) {
      const { result, statements } = await countStatements(() =>
        as(stage.admin).send(document, { id: stage.here.workspace.id }),
      );
      expect(result.data.workspaceDeployments[0].urls[0]).toEqual({ type: "airflow" });
      expect(statements).toHaveLength(2);
    }
  });

  it("rejects the next request after the caller's role, session or account is removed", async () => {
    const { workspace, viewer, admin } = await build.workspace();
    const serviceAccount = await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: workspace.id });
    const document = `query ($id: Uuid!) { workspace(workspaceUuid: $id) { id } }`;
    const send = (someone: { token: string } | undefined) => as(someone).send(document, { id: workspace.id });
    for (const someone of [viewer, admin, serviceAccount]) {
      await send(someone);
      expect((await send(someone)).data.workspace).toEqual({ id: workspace.id });
    }
    await db.roleBinding.deleteMany({ where: { userId: viewer.id } });
    await db.session.deleteMany({ where: { userId: admin.id } });
    await db.serviceAccount.delete({ where: { id: serviceAccount.id } });
    const code = async (someone: { token: string } | undefined) => (await send(someone)).errors?.[0]?.extensions.code;
    expect(await code(viewer)).toBe("FORBIDDEN");
    expect(await code(admin)).toBe("UNAUTHENTICATED");
    expect(await code(serviceAccount)).toBe("UNAUTHENTICATED");
    expect(await code(undefined)).toBe("UNAUTHENTICATED");
    expect(await code({ token: "not.a.token" })).toBe("UNAUTHENTICATED");
  });

  it("prepares no statements for denied callers, and one for allowed ones", async () => {
    const { workspace, admin } = await build.workspace();
    const document = `query ($id: Uuid!, $n: Int) { workspaceServiceAccounts(workspaceUuid: $id) { id roleBindings(first: $n) { id } } }`;
    const preparedCount = async () => {
      const counts = Array.from({ length: 8 }, () =>
        lastRunners().reads.query<{ count: number }>({
          text: `SELECT count(*)::int AS count FROM pg_prepared_statements WHERE statement LIKE '%"serviceAccountId" = t0.id%LIMIT 9%'`,
          values: [],
        }),
      );
      return Math.max(...(await Promise.all(counts)).map(({ rows }) => rows[0]?.count ?? 0));
    };
    const invented = { token: newApiKey() };
    for (let n = 900; n < 930; n++) {
      await as(undefined).send(document, { id: workspace.id, n });
      await as(invented).send(document, { id: workspace.id, n });
      await as(invented).send(document, { id: workspace.id, n });
      await as(admin).send(document, { id: workspace.id, n });
    }
    expect(await preparedCount()).toBe(0);
    for (let round = 0; round < 40; round++) await as(admin).send(document, { id: workspace.id, n: 900 });
    expect(await preparedCount()).toBe(1);
  });

  it("returns the same errors as Apollo's path for invalid variables, unknown rows and other Workspaces' rows", async () => {
    const { workspace, admin } = await build.workspace();
    const document = `query ($id: Uuid!, $name: String!) { workspaceDeployment(workspaceUuid: $id, releaseName: $name) { id } }`;
    const send = (variables: Record<string, unknown>) => as(admin).send(document, variables);
    const { deployment } = await build.deployment({ workspaceId: workspace.id });
    const good = { id: workspace.id, name: deployment.releaseName };
    for (let round = 0; round < 2; round++) {
      expect((await send(good)).data.workspaceDeployment).toEqual({ id: deployment.id });
      expect((await send({ ...good, name: "no-such-1000" })).errors?.[0]?.extensions.code).toBe("NOT_FOUND");
      expect((await send({ ...good, id: "elsewhere" })).errors?.[0]?.extensions.code).toBe("FORBIDDEN");
      expect((await send({ id: workspace.id })).errors?.[0]?.message).toContain('"$name"');
      expect((await send({ ...good, name: "a\0" })).errors?.[0]?.message).toContain("NUL");
    }
  });
});
