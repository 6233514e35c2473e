import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { deploymentCalls } from "./deploymentCalls.ts";

const { build, db, url, as } = await testHouston({
  deployments: { enableUpdateDeploymentImageEndpoint: true },
});
const rest = deploymentCalls(url);
const { workspace, admin } = await build.workspace();
const systemAdmin = await build.systemAdmin();

const CREATE = `mutation ($workspaceUuid: Uuid!, $label: String!) {
  createDeployment(workspaceUuid: $workspaceUuid, type: "airflow", label: $label) { id releaseName }
}`;
const changes = {
  updateDeployment: `mutation ($id: Uuid!) {
    updateDeployment(deploymentUuid: $id, payload: {description: "New"}) { id }
  }`,
  updateDeploymentVariables: `mutation ($id: Uuid!, $releaseName: String!) {
    updateDeploymentVariables(deploymentUuid: $id, releaseName: $releaseName,
      environmentVariables: [{key: "A", value: "1", isSecret: false}]) { key }
  }`,
  updateDeploymentImage: `mutation ($releaseName: String!) {
    updateDeploymentImage(releaseName: $releaseName, image: "quay.io/team/blue:deploy-1") { id }
  }`,
};

let labels = 0;

/** Creates a Deployment over GraphQL. */
async function created(caller: { token: string } = admin): Promise<{ id: string; releaseName: string }> {
  const label = `Deployment ${labels++}`;
  const { data, errors } = await as(caller).send(CREATE, { workspaceUuid: workspace.id, label });
  expect(errors).toBeUndefined();
  return data.createDeployment;
}

const shown = async (id: string) => (await rest(systemAdmin).get(`/${id}`)).body;
const userSubject = ({ id, username }: { id: string; username: string }) => ({
  ...{ subjectType: "USER", id, username, fullName: "Test Person" },
});

describe("authors of Deployments", () => {
  it("names who created it", async () => {
    const { id } = await created();
    expect(await shown(id)).toMatchObject({ createdBy: userSubject(admin), updatedBy: userSubject(admin) });
  });

  it.each(Object.entries(changes))("names who changed it last with %s", async (_field, document) => {
    const { id, releaseName } = await created();
    const editor = await build.user({ roles: [{ role: "DEPLOYMENT_ADMIN", deploymentId: id }] });
    const { errors } = await as(editor).send(document, { id, releaseName });
    expect(errors).toBeUndefined();
    expect(await shown(id)).toMatchObject({ createdBy: userSubject(admin), updatedBy: userSubject(editor) });
  });

  it("names service accounts by their label", async () => {
    const account = await build.serviceAccount({ role: "WORKSPACE_ADMIN", workspaceId: workspace.id, label: "CI" });
    const { id } = await created(account);
    const subject = { subjectType: "SERVICEKEY", id: account.id, apiTokenName: "CI" };
    expect(await shown(id)).toMatchObject({ createdBy: subject, updatedBy: subject });
  });

  it("keeps the ID of an author who was deleted", async () => {
    const account = await build.serviceAccount({ role: "WORKSPACE_ADMIN", workspaceId: workspace.id });
    const { id, releaseName } = await created(account);
    const editor = await build.user({ roles: [{ role: "DEPLOYMENT_ADMIN", deploymentId: id }] });
    await as(editor).send(changes.updateDeployment, { id, releaseName });
    await db.serviceAccount.delete({ where: { id: account.id } });
    await db.user.delete({ where: { id: editor.id } });
    const { createdBy, updatedBy } = await shown(id);
    expect(createdBy).toEqual({ subjectType: "SERVICEKEY", id: account.id });
    expect(updatedBy).toEqual({ subjectType: "USER", id: editor.id });
  });

  it("names Houston for rows without an author", async () => {
    const { deployment } = await build.deployment({ workspaceId: workspace.id });
    expect(await shown(deployment.id)).toMatchObject({ createdBy: { id: "houston" }, updatedBy: { id: "houston" } });
  });
});
