import { describe, expect, it } from "vitest";
import type { Someone } from "../support/as.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston({
  deployments: { upsertDeploymentEnabled: true, manualReleaseNames: true },
});

const UPSERT = `mutation ($workspaceUuid: Uuid!, $label: String, $releaseName: String, $namespace: String,
  $description: String, $executor: ExecutorType, $environmentVariables: [InputEnvironmentVariable], $image: String) {
  upsertDeployment(workspaceUuid: $workspaceUuid, label: $label, releaseName: $releaseName, namespace: $namespace,
    description: $description, executor: $executor, environmentVariables: $environmentVariables, image: $image) {
    id label releaseName namespace description updatedAt upsertedEnvironmentVariables { key }
  }
}`;

interface Upserted {
  id: string;
  label: string;
  releaseName: string;
  namespace: string;
  description: string;
  updatedAt: string;
  upsertedEnvironmentVariables: { key: string }[];
}

async function upsert(someone: Someone, variables: Record<string, unknown>): Promise<Upserted> {
  const { data, errors } = await as(someone).send(UPSERT, variables);
  expect(errors).toBeUndefined();
  return data.upsertDeployment;
}

const outcome = async (someone: Someone, variables: Record<string, unknown>) =>
  outcomeOf(await as(someone).send(UPSERT, variables));

describe("upsertDeployment in a Workspace", () => {
  it("updates the Deployment with the label, and creates nothing when repeated", async () => {
    const { workspace, editor } = await build.workspace();
    const given = {
      workspaceUuid: workspace.id,
      label: "Blue",
      description: "One",
      executor: "CeleryExecutor",
      environmentVariables: [{ key: "KEY", value: "value" }],
    };
    const created = await upsert(editor, given);
    expect(await upsert(editor, { ...given, namespace: created.namespace })).toEqual(created);
    const changed = await upsert(editor, { workspaceUuid: workspace.id, label: "Blue", description: "Two" });
    expect(changed).toEqual({ ...created, description: "Two", updatedAt: changed.updatedAt });
    expect(changed.updatedAt > created.updatedAt).toBe(true);
    expect(await db.deployment.count({ where: { workspaceId: workspace.id } })).toBe(1);
  });

  it("updates the Deployment with the release name, also its label", async () => {
    const { workspace, editor } = await build.workspace();
    const named = { workspaceUuid: workspace.id, releaseName: "blue-moon" };
    const created = await upsert(editor, { ...named, label: "Blue" });
    expect(await upsert(editor, { ...named, label: "Green" })).toMatchObject({ id: created.id, label: "Green" });
    expect(await upsert(editor, { ...named, description: "New" })).toMatchObject({ id: created.id, label: "Green" });
    await upsert(editor, { workspaceUuid: workspace.id, label: "Red" });
    expect(await outcome(editor, { ...named, label: "Red" })).toBe("CONFLICT label");
  });

  it("does not find the Deployments of other Workspaces, or deleted ones", async () => {
    const [one, other] = [await build.workspace(), await build.workspace()];
    const theirs = await upsert(one.editor, {
      workspaceUuid: one.workspace.id,
      label: "Shared",
      releaseName: "their-moon",
    });
    const both = await build.user({
      roles: [one, other].map(({ workspace }) => ({ role: "WORKSPACE_ADMIN", workspaceId: workspace.id })),
    });
    const here = { workspaceUuid: other.workspace.id, label: "Shared" };
    expect(await outcome(both, { ...here, releaseName: theirs.releaseName })).toBe("CONFLICT releaseName");
    const ours = await upsert(both, here);
    expect(ours.id).not.toBe(theirs.id);
    await db.deployment.update({ where: { id: ours.id }, data: { deletedAt: new Date() } });
    expect((await upsert(both, here)).id).not.toBe(ours.id);
  });

  it("requires the permission to update for a Deployment that exists", async () => {
    const { workspace, admin, editor, viewer, outsider } = await build.workspace();
    const given = { workspaceUuid: workspace.id, label: "Blue" };
    const { id, releaseName } = await upsert(admin, given);
    for (const someone of [editor, viewer, outsider, undefined]) {
      for (const how of [given, { ...given, releaseName }, { ...given, label: "New", releaseName }]) {
        const denied = someone === undefined ? "UNAUTHENTICATED" : "FORBIDDEN";
        expect(await outcome(someone, { ...how, description: "Taken over" })).toBe(denied);
      }
    }
    expect(await db.deployment.findUniqueOrThrow({ where: { id } })).toMatchObject({ description: "" });
    await db.roleBinding.create({ data: { userId: editor.id, deploymentId: id, role: "DEPLOYMENT_EDITOR" } });
    expect(await upsert(editor, { ...given, description: "New" })).toMatchObject({ id, description: "New" });
  });

  it("responds to a caller who cannot see the Deployment as to any creation with a name in use", async () => {
    const hidden = { "workspace.deployments.get": false };
    const blind = await testHouston({
      deployments: { upsertDeploymentEnabled: true, manualReleaseNames: true },
      roles: { WORKSPACE_EDITOR: { permissions: hidden }, WORKSPACE_VIEWER: { permissions: hidden } },
    });
    const { workspace, admin, editor } = await blind.build.workspace();
    const given = { workspaceUuid: workspace.id, label: "Blue", releaseName: "blue-moon" };
    expect((await blind.as(admin).send(UPSERT, given)).errors).toBeUndefined();
    const here = { workspaceUuid: workspace.id, label: "New" };
    expect(outcomeOf(await blind.as(editor).send(UPSERT, { ...here, label: "Blue" }))).toBe("CONFLICT label");
    expect(outcomeOf(await blind.as(editor).send(UPSERT, { ...here, releaseName: "blue-moon" }))).toBe(
      "CONFLICT releaseName",
    );
    expect(await blind.db.deployment.count()).toBe(1);
  });

  it("lets a service account repeat its call", async () => {
    const { workspace } = await build.workspace();
    const account = await build.serviceAccount({ role: "WORKSPACE_EDITOR", workspaceId: workspace.id });
    const given = { workspaceUuid: workspace.id, label: "From CI", image: "registry.example.com/blue:1" };
    const { id } = await upsert(account, given);
    expect((await upsert(account, { ...given, description: "Again" })).id).toBe(id);
  });

  it("makes one Deployment of ten concurrent requests with the same label or release name", async () => {
    const { workspace, editor } = await build.workspace();
    for (const names of [{ label: "Wanted" }, { label: "Named", releaseName: "wanted-moon" }]) {
      const all = await Promise.all(
        Array.from({ length: 10 }, () => upsert(editor, { workspaceUuid: workspace.id, ...names })),
      );
      expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    }
    expect(await db.deployment.count({ where: { workspaceId: workspace.id } })).toBe(2);
  });
});

describe("a release name that passes to another Deployment", () => {
  it("does not let a caller change that Deployment", async () => {
    const { deployment, editor } = await build.deployment({ releaseName: "passed-moon" });
    const { releaseName } = deployment;
    const other = await build.workspace();
    // Between the guard and the lock of the row, the name passes on; the lock on the new row is awaited.
    const before = await holdRowWith(releaseName, other.workspace.id);
    const sent = as(editor).send(
      `mutation ($releaseName: String!) { upsertDeployment(releaseName: $releaseName, description: "Taken over") { id } }`,
      { releaseName },
    );
    await before.passOn();
    expect(outcomeOf(await sent)).toMatch(/^(FORBIDDEN|NOT_FOUND deploymentUuid)$/);
    expect(await db.deployment.findFirst({ where: { releaseName } })).toMatchObject({
      description: "",
      workspaceId: other.workspace.id,
    });
  });
});

/** Locks a Deployment's row until it is replaced by another one with the same release name. */
async function holdRowWith(releaseName: string, workspaceId: string) {
  const locked = Promise.withResolvers<void>();
  const pass = Promise.withResolvers<void>();
  const done = db.$transaction(
    async (tx) => {
      await tx.$queryRaw`SELECT id FROM "Deployment" WHERE "releaseName" = ${releaseName} FOR UPDATE`;
      locked.resolve();
      await pass.promise;
      const row = await tx.deployment.delete({ where: { releaseName } });
      await tx.releaseName.create({ data: { name: releaseName } });
      const { version, executor, config, dagDeployment, namespace } = row;
      const copied = { version, executor, config: config ?? {}, dagDeployment: dagDeployment ?? {}, namespace };
      await tx.deployment.create({ data: { ...copied, label: "Successor", workspaceId, releaseName } });
    },
    { timeout: 20_000 },
  );
  await locked.promise;
  return {
    async passOn() {
      // Until the request waits for the row.
      for (let waits = 0; waits === 0; ) {
        const [row] = await db.$queryRaw<{ waits: number }[]>`
          SELECT count(*)::int AS waits FROM pg_stat_activity
          WHERE wait_event_type = 'Lock' AND query LIKE '%"releaseName"%FOR UPDATE%' AND datname = current_database()`;
        waits = row?.waits ?? 0;
      }
      pass.resolve();
      await done;
    },
  };
}
