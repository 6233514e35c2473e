import { expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { as, build } = await testHouston();

it("a Workspace Viewer sees the same fields of a Deployment by list and by getter", async () => {
  const { deployment, home } = await build.deployment();
  const { id, releaseName, workspaceId } = deployment;
  const fields = `{ id label config status environmentVariables { key } roleBindings { role } serviceAccounts { id } workspace { id } }`;
  const found = async (field: string) => {
    const { data, errors } = await as(home?.viewer).send(`{ found: ${field} ${fields} }`);
    expect(errors).toBeUndefined();
    return [data.found].flat()[0];
  };
  const listed = await found(`workspaceDeployments(workspaceUuid: "${workspaceId}")`);
  expect(listed.id).toBe(id);
  for (const where of [`id: "${id}"`, `releaseName: "${releaseName}"`]) {
    expect(await found(`deployment(where: { ${where} })`)).toEqual(listed);
  }
});
