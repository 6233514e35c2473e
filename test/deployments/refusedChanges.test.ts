import { describe, expect, it } from "vitest";
import { createSchema } from "../../src/api/graphql/createSchema.ts";
import { nouns } from "../../src/services/nouns.ts";
import { testHouston } from "../support/houston.ts";

const { as, build, db } = await testHouston({
  deployments: {
    upsertDeploymentEnabled: true,
    enableUpdateDeploymentImageEndpoint: true,
    overridableLimits: ["maxPodAu"],
  },
});

/** Every call that changes a Deployment: `$d` or `$i` is its ID, `$r` its release name, `$w` its Workspace. */
const changes = [
  `updateDeployment(deploymentUuid: $d, payload: { label: "New" }) { id }`,
  `upsertDeployment(deploymentUuid: $d, label: "New") { id }`,
  `upsertDeployment(releaseName: $r, label: "New") { id }`,
  `updateDeploymentVariables(deploymentUuid: $d, releaseName: $r, environmentVariables: [{ key: "A", value: "b" }]) { key }`,
  `deploymentAlertsUpdate(deploymentUuid: $d, alertEmails: ["new@example.com"]) { id }`,
  `updateDeploymentConfig(deploymentUuid: $d, deploymentsConfigOverride: { maxPodAu: 4 }) { id }`,
  `deleteDeploymentConfig(deploymentUuid: $d) { id }`,
  `updateDeploymentAirflow(deploymentUuid: $d, desiredAirflowVersion: "2.11.0") { id }`,
  `updateDeploymentRuntime(deploymentUuid: $d, desiredRuntimeVersion: "11.8.0") { id }`,
  `cancelRuntimeUpdate(deploymentUuid: $d) { id }`,
  `upgradeDeployment(deploymentUuid: $d) { id }`,
  `updateDeploymentImage(releaseName: $r, image: "blue:1") { id }`,
  `toggleWebserverReboot(deploymentId: $i, reboot: true) { id }`,
  `updateDeploymentKedaConfig(deploymentUuid: $d, state: true) { id }`,
  `unadoptDeployment(deploymentUuid: $d) { id }`,
  `deleteDeployment(deploymentUuid: $d) { id }`,
];

/** Calls that create a Deployment, which cannot be cordoned yet. */
const additions = [
  `createDeployment(workspaceUuid: $w, type: "airflow", label: "New") { id }`,
  `upsertDeployment(workspaceUuid: $w, label: "New") { id }`,
];

/** Mutations that name a Deployment but are never rejected, with the reason. */
const open = {
  cordonDeployment: "is what refuses, not what is refused",
  uncordonDeployment: "takes the refusal back",
  validateGitSyncCredentials: "changes nothing",
  reconcileDeployment: "applies what is stored already, and helps to remove what is left",
  ...Object.fromEntries(
    [
      "deploymentAddUserRole",
      "deploymentUpdateUserRole",
      "deploymentRemoveUserRole",
      "deploymentAddTeamRole",
      "deploymentUpdateTeamRole",
      "deploymentRemoveTeamRole",
      "deploymentUserBulkImport",
      "createDeploymentServiceAccount",
      "updateDeploymentServiceAccount",
      "deleteDeploymentServiceAccount",
    ].map((name) => [name, "says who may do something; access can be taken away at any time"]),
  ),
};

const nameOf = (call: string) => call.slice(0, call.indexOf("("));

function documentOf(call: string): string {
  const types = { w: "Uuid!", d: "Uuid!", i: "Id!", r: "String!" };
  const used = Object.entries(types).filter(([name]) => call.includes(`$${name}`));
  return `mutation (${used.map(([name, type]) => `$${name}: ${type}`).join(", ")}) { ${call} }`;
}

/** A Deployment that each of the calls can change, and users who may. */
async function buildScene() {
  const home = await build.workspace();
  const { workspace } = home;
  const { deployment } = await build.deployment({
    workspaceId: workspace.id,
    adoptedAt: new Date(),
    airflowVersion: "2.9.3",
    desiredAirflowVersion: "2.10.5",
  });
  const { id, releaseName } = deployment;
  await db.deploymentsConfigOverride.create({ data: { deploymentId: id, config: { maxPodAu: 9 } } });
  const systemAdmin = await build.systemAdmin();
  const send = (someone: typeof systemAdmin, call: string) =>
    as(someone).send(documentOf(call), { w: workspace.id, d: id, i: id, r: releaseName });
  const stored = () =>
    db.workspace.findUniqueOrThrow({
      where: { id: workspace.id },
      select: { deployments: { include: { environmentVariables: true, configOverride: true, revisions: true } } },
    });
  return { deployment, workspace, admin: home.admin, systemAdmin, send, stored };
}

type Scene = Awaited<ReturnType<typeof buildScene>>;

async function expectRejected(
  { admin, systemAdmin, send, stored }: Scene,
  call: string,
  code: string,
  message: string,
) {
  const before = await stored();
  for (const someone of [admin, systemAdmin]) {
    const { status, errors } = await send(someone, call);
    expect(status).toBe(200);
    expect(errors).toMatchObject([{ message, extensions: { code } }]);
  }
  expect(await stored()).toEqual(before);
}

/** Expects the same call to succeed once changes are allowed again. */
async function expectAllowed({ admin, send }: Scene, call: string) {
  expect((await send(admin, call)).errors).toBeUndefined();
}

describe("changes of a Deployment", () => {
  it("are all mutations that name one, except those listed with a reason", () => {
    const naming = ["deploymentUuid", "deploymentId", "releaseName"];
    const mutations = Object.values(createSchema(nouns).getMutationType()?.getFields() ?? {});
    const about = mutations.filter(({ args }) => args.some(({ name }) => naming.includes(name)));
    const known = new Set([...[...changes, ...additions].map(nameOf), ...Object.keys(open)]);
    expect(about.map(({ name }) => name).sort()).toEqual([...known].sort());
  });

  it.each(changes)("are rejected with the reason while it is cordoned, for every caller: %s", async (call) => {
    const scene = await buildScene();
    const { id } = scene.deployment;
    await db.deployment.update({ where: { id }, data: { isCordoned: true, cordonReason: "Migration tonight" } });
    const message = "The Deployment is cordoned: it cannot be changed until uncordonDeployment: Migration tonight";
    await expectRejected(scene, call, "CONFLICT", message);
    await db.deployment.update({ where: { id }, data: { isCordoned: false, cordonReason: "" } });
    await expectAllowed(scene, call);
  });

  it.each([...changes, ...additions])(
    "are rejected while its Workspace is suspended, for every caller: %s",
    async (call) => {
      const scene = await buildScene();
      const where = { id: scene.workspace.id };
      await db.workspace.update({ where, data: { active: false } });
      const message =
        "The Workspace is suspended: its Deployments cannot be changed until suspendWorkspace lifts the suspension";
      await expectRejected(scene, call, "WORKSPACE_SUSPENDED", message);
      await db.workspace.update({ where, data: { active: true } });
      await expectAllowed(scene, call);
    },
  );
});
