import { expect, it } from "vitest";
import { everyCall } from "../clients/everyCall.ts";
import { barest, isRequired, type Operation } from "../clients/spellings.ts";
import operations from "../contract/houston-operations.json" with { type: "json" };

const { as, build, db, valuesFor, isLeaf } = await everyCall();

/** Arguments that identify a Workspace, a Deployment, or a row in one. */
const rowArguments = [
  ...["workspaceUuid", "workspaceId", "deploymentUuid", "deploymentId", "releaseName", "where", "entityUuid"],
  ...["serviceAccountUuid", "inviteUuid", "deploymentRoles", "label", "namespace"],
];

const rowsOf = ({ args }: Operation) => args.filter(({ name }) => rowArguments.includes(name));

const confusable = operations.filter((one) => one.kind !== "subscription" && rowsOf(one).length > 1);

/** Every row of a Workspace and its Deployments. */
async function contents(workspaceId: string) {
  const inside = { OR: [{ workspaceId }, { deployment: { workspaceId } }] };
  const [workspace, deployments, accounts, invites, bindings, variables, revisions] = await Promise.all([
    db.workspace.findUnique({ where: { id: workspaceId } }),
    db.deployment.findMany({ where: { workspaceId }, orderBy: { id: "asc" } }),
    db.serviceAccount.findMany({ where: inside, orderBy: { id: "asc" }, omit: { lastUsedAt: true } }),
    db.invite.findMany({ where: { workspaceId }, orderBy: { id: "asc" } }),
    db.roleBinding.findMany({ where: inside, orderBy: { id: "asc" } }),
    db.environmentVariable.findMany({ where: { deployment: { workspaceId } }, orderBy: { id: "asc" } }),
    db.deployRevision.findMany({ where: { deployment: { workspaceId } }, orderBy: { id: "asc" } }),
  ]);
  return { workspace, deployments, accounts, invites, bindings, variables, revisions };
}

it.each(confusable)("R5: $name: who may change one row does not reach another by naming both", async (one) => {
  const rows = rowsOf(one);
  for (const [n, arg] of rows.entries()) {
    // In one call a single argument names the foreign row, in the other all but one do.
    for (const foreignOnes of [[arg.name], rows.filter((_, m) => m !== n).map(({ name }) => name)]) {
      const [own, foreign] = [await valuesFor(one.name), await valuesFor(one.name)];
      const [ownId, foreignId] = [String(own.workspaceUuid), String(foreign.workspaceUuid)];
      const deploymentId = String(own.deploymentUuid);
      const attacker = await build.user({
        roles: [
          { role: "WORKSPACE_ADMIN", workspaceId: ownId },
          { role: "DEPLOYMENT_ADMIN", deploymentId },
        ],
      });
      const values = { ...own };
      for (const name of foreignOnes) values[name] = foreign[name];
      const label = (await db.deployment.findFirst({ where: { workspaceId: foreignId } }))?.label;
      if (foreignOnes.includes("label") && "label" in own && label) values.label = label;
      const before = await contents(foreignId);
      const document = barest(
        one,
        rows.filter((arg) => !isRequired(arg)),
        isLeaf(one),
      ).replace("{ __typename }", "{ __typename id }");
      const answer = await as(attacker).send(document, values);
      const told = [one.name, foreignOnes.join(), JSON.stringify(answer).slice(0, 300)];
      expect([...told, await contents(foreignId)]).toEqual([...told, before]);
      const sent = JSON.stringify(values);
      const secrets = [
        before.workspace?.label,
        ...before.deployments.flatMap(({ id, label, releaseName }) => [id, label, releaseName]),
      ];
      for (const secret of secrets) if (secret && !sent.includes(secret)) expect(told[2]).not.toContain(secret);
    }
  }
});
