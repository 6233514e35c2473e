import { z } from "zod";
import type { Route } from "../../src/api/rest/routing/route.ts";
import type { PrismaClient } from "../../src/generated/prisma/client.ts";
import type { createBuild } from "../support/build.ts";
import { deploymentExamples } from "./deploymentExamples.ts";

/** The Organization that every installation has. */
export const ORGANIZATION = "clorgdefault0000000000000";

/** A valid request of an operation. */
export interface Example {
  /** Below /platform/v1beta1. */
  path: string;
  body?: Record<string, unknown>;
}

/** Rows to send requests about, and a valid request of each operation. */
export async function examples(build: ReturnType<typeof createBuild>, db: PrismaClient) {
  const { workspace } = await build.workspace();
  const { deployment } = await build.deployment({ workspaceId: workspace.id });
  const cluster = await db.cluster.create({ data: { name: "blue", metadataUrl: "https://blue.example.com" } });
  const deployments = deploymentExamples(workspace.id);
  const home = `/organizations/${ORGANIZATION}`;
  const all: Record<string, Example> = {
    listOrganizations: { path: "/organizations" },
    createOrganization: { path: "/organizations", body: { name: "Blue", billingEmail: "billing@example.com" } },
    getOrganization: { path: home },
    updateOrganization: {
      path: home,
      body: {
        ...{ name: "Blue", billingEmail: "billing@example.com", isScimEnabled: false },
        ...{ allowEnhancedSupportAccess: true, shouldEnforceDedicatedClusters: false },
      },
    },
    listWorkspaces: { path: `${home}/workspaces` },
    createWorkspace: {
      path: `${home}/workspaces`,
      body: { name: "Blue", description: "For the blue team", cicdEnforcedDefault: true },
    },
    getWorkspace: { path: `${home}/workspaces/${workspace.id}` },
    updateWorkspace: {
      path: `${home}/workspaces/${workspace.id}`,
      body: { name: "Blue", description: "For the blue team", cicdEnforcedDefault: true },
    },
    listClusters: { path: `${home}/clusters` },
    createCluster: {
      path: `${home}/clusters`,
      body: {
        ...{ name: "green", cloudProvider: "GCP", type: "DEDICATED", region: "us-central1" },
        ...{ vpcSubnetRange: "10.1.0.0/20", podSubnetRange: "10.2.0.0/20" },
        ...{ serviceSubnetRange: "10.3.0.0/20", servicePeeringRange: "10.4.0.0/20" },
        k8sTags: [{ key: "team", value: "green" }],
        nodePools: [{ name: "default", nodeInstanceType: "e2-standard-4", maxNodeCount: 5, isDefault: true }],
        workspaceIds: [workspace.id],
      },
    },
    getCluster: { path: `${home}/clusters/${cluster.id}` },
    updateCluster: {
      path: `${home}/clusters/${cluster.id}`,
      body: {
        ...{ name: "green", k8sTags: [{ key: "team", value: "green" }], workspaceIds: [workspace.id] },
        nodePools: [{ name: "default", nodeInstanceType: "m5.xlarge", maxNodeCount: 5, isDefault: true }],
      },
    },
    deleteCluster: { path: `${home}/clusters/${cluster.id}` },
    getClusterOptions: { path: `${home}/cluster-options` },
    listDeployments: { path: `${home}/deployments` },
    getDeployment: { path: `${home}/deployments/${deployment.id}` },
    deleteDeployment: { path: `${home}/deployments/${deployment.id}` },
    createDeployment: { path: `${home}/deployments`, body: deployments.create },
    updateDeployment: { path: `${home}/deployments/${deployment.id}`, body: deployments.update },
    getDeploymentOptions: { path: `${home}/deployment-options` },
    deleteWorkspace: { path: `${home}/workspaces/${workspace.id}` },
  };
  return {
    of(operationId: string): Example {
      const example = all[operationId];
      if (!example) throw new Error(`test/rest/examples.ts has no request of ${operationId}`);
      return example;
    },
    /** The required fields of the body, for the form that `example` has. */
    required({ body, operationId }: Route, example: object): string[] {
      const schemas = body instanceof z.ZodDiscriminatedUnion ? (body.options as z.ZodObject[]) : [body as z.ZodObject];
      const fitting = schemas.find((schema) => schema.safeParse(example).success);
      if (!fitting) throw new Error(`test/rest/examples.ts: the request of ${operationId} is not valid`);
      return Object.entries(fitting.shape).flatMap(([key, field]) => (field instanceof z.ZodOptional ? [] : [key]));
    },
  };
}
