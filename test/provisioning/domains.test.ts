import { expect, it } from "vitest";
import { addAllJobs } from "../../src/services/provisioning/jobs/addAllJobs.ts";
import { countStatements } from "../support/countStatements.ts";
import { jsonServer } from "../support/jsonServer.ts";
import { type Named, provisionedHouston } from "../support/provisioned.ts";

const report = { healthStatus: "HEALTHY", baseDomain: "eu.example.com" };
const dataPlane = await jsonServer(() => ({ status: 200, body: report }));
const { create, settled, secret, system, build, db, url } = await provisionedHouston();

/** The host of a Deployment's ingress. */
function hostOf(deployment: Named): string {
  const values = secret(deployment, "values")?.data?.["values.yaml"] ?? "";
  return JSON.parse(Buffer.from(values, "base64").toString()).ingress.web.hosts[0].name;
}

it("is let in at the host of its ingress, also when the domain of its cluster changes", async () => {
  const deployment = await create();
  await settled();
  const visitor = await build.user({ roles: [{ role: "DEPLOYMENT_VIEWER", deploymentId: deployment.id }] });
  const statusAt = async (host: string) => {
    const headers = {
      authorization: visitor.token,
      "x-original-url": `https://${host}/${deployment.releaseName}/airflow`,
    };
    return (await fetch(`${url}/v1/authorization`, { headers })).status;
  };
  expect(hostOf(deployment)).toBe("deployments.example.com");
  expect(await statusAt("deployments.example.com")).toBe(200);

  await db.cluster.updateMany({ data: { metadataUrl: dataPlane.url } });
  for (const baseDomain of ["eu.example.com", "us.example.com"]) {
    const before = hostOf(deployment);
    report.baseDomain = baseDomain;
    await system.send("mutation { reconcileClusterMetadataJob }");
    await settled();
    expect(hostOf(deployment)).toBe(`deployments.${baseDomain}`);
    expect(await statusAt(`deployments.${baseDomain}`)).toBe(200);
    expect(await statusAt(before)).toBe(403);
  }
  const again = await countStatements(() => system.send("mutation { reconcileClusterMetadataJob }"));
  expect(again.statements.filter((text) => text.includes("add_job"))).toEqual([]);
});

it("is applied again with the others of its cluster, and no others", async () => {
  const clusterWithTwo = async (name: string) => {
    const { id: clusterId } = await db.cluster.create({ data: { name } });
    await build.deployment({ clusterId });
    await db.provision.create({ data: { id: `gone-${name}`, clusterId, releaseName: name, namespace: name } });
    return clusterId;
  };
  const [one] = [await clusterWithTwo("one"), await clusterWithTwo("two")];
  expect(await addAllJobs(db, one)).toBe(2);
});
