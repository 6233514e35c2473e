import { DEFAULT_ORGANIZATION } from "../src/access/scopePaths.ts";
import { admins, bench, callers, idOf, numbers, people } from "./data.ts";
import type { Endpoint, Operation } from "./operation.ts";

const organization = `/platform/v1beta1/organizations/${DEFAULT_ORGANIZATION}`;

export const R1: Operation<Endpoint> = {
  title: "list 100 Deployments of the Organization by name",
  target: {
    name: "R1",
    method: "GET",
    path: () => `${organization}/deployments?limit=100&sorts=name:asc`,
    rows: "deployments",
  },
  calls: () => [people.systemAdmin, people.manyWorkspaces].map((person) => ({ person, variables: {} })),
  isForEveryone: true,
};

export const R2: Operation<Endpoint> = {
  title: "get a Deployment",
  target: {
    name: "R2",
    method: "GET",
    path: ({ deploymentId }) => `${organization}/deployments/${deploymentId}`,
  },
  calls: () =>
    admins.flatMap(({ workspace, person }) =>
      numbers(bench.deployments).map((n) => ({
        person,
        variables: { deploymentId: idOf("deployment", workspace * bench.deployments + n) },
      })),
    ),
};

export const R3: Operation<Endpoint> = {
  title: "create, then delete a Workspace, with audit row",
  target: {
    name: "R3create",
    method: "POST",
    path: () => `${organization}/workspaces`,
    body: ({ name }) => ({ name, description: "Pipelines of a new team" }),
  },
  calls: () => callers.map((person) => ({ person, variables: { name: `New ${person}` } })),
  followUp: {
    target: {
      name: "R3delete",
      method: "DELETE",
      path: ({ workspaceId }) => `${organization}/workspaces/${workspaceId}`,
    },
    variables: (_, { id }) => ({ workspaceId: id }),
  },
  differing: ["id", "createdAt", "updatedAt"],
  fresh: (_, nth) => ({ name: `New ${nth} of the load` }),
  isForEveryone: true,
};
