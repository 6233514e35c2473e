import { admins, amounts, bench, emailOf, idOf, memberOf, numbers, people, releaseNameOf } from "./data.ts";
import { A1 } from "./edgeOperations.ts";
import type { Document, Operation } from "./operation.ts";
import { R1, R2, R3 } from "./restOperations.ts";

const Q1: Operation<Document> = {
  title: "workspaceDeployments, 10 rows with workspace, users, e-mails, role bindings",
  target: {
    name: "Q1",
    field: "workspaceDeployments",
    query: `query workspaceDeployments($workspaceUuid: Uuid!) {
  workspaceDeployments(workspaceUuid: $workspaceUuid) {
    id label releaseName status createdAt updatedAt config
    workspace { id label users { username emails { address } } }
    roleBindings { role user { username } }
  }
}`,
  },
  calls: () =>
    admins.map(({ workspace, person }) => ({ person, variables: { workspaceUuid: idOf("workspace", workspace) } })),
};

const Q2: Operation<Document> = {
  title: "users by e-mail with role bindings",
  target: {
    name: "Q2",
    field: "users",
    query: `query users($email: String) {
  users(user: { email: $email }) { id username status createdAt roleBindings { role } }
}`,
  },
  calls: () =>
    numbers(memberOf(bench.workspaces, 0)).map((n) => ({
      person: people.systemAdmin,
      variables: { email: emailOf(n) },
    })),
};

const Q3: Operation<Document> = {
  title: "workspaceDeployment by release name, 5 scalars",
  target: {
    name: "Q3",
    field: "workspaceDeployment",
    query: `query workspaceDeployment($workspaceUuid: Uuid!, $releaseName: String!) {
  workspaceDeployment(workspaceUuid: $workspaceUuid, releaseName: $releaseName) {
    id label releaseName status createdAt
  }
}`,
  },
  calls: () =>
    admins.flatMap(({ workspace, person }) =>
      numbers(bench.deployments).map((n) => ({
        person,
        variables: {
          workspaceUuid: idOf("workspace", workspace),
          releaseName: releaseNameOf(workspace * bench.deployments + n),
        },
      })),
    ),
};

const PAGE = 100;
const PAGES = 10;

const Q4: Operation<Document> = {
  title: "page of 100 deployments with workspace",
  target: {
    name: "Q4",
    field: "paginatedDeployments",
    query: `query paginatedDeployments($take: Int, $cursor: Uuid) {
  paginatedDeployments(take: $take, cursor: $cursor) { id label releaseName createdAt workspace { id label } }
}`,
  },
  // The first page, then pages from everywhere in the table.
  calls: (size) =>
    numbers(PAGES).map((page) => {
      const last = Math.floor((page * (amounts[size].deployments - PAGE)) / PAGES) - 1;
      const cursor = page === 0 ? {} : { cursor: idOf("deployment", last) };
      return { person: people.systemAdmin, variables: { take: PAGE, ...cursor } };
    }),
};

const M1: Operation<Document> = {
  title: "create, then delete a service account, with audit row",
  target: {
    name: "M1create",
    field: "createWorkspaceServiceAccount",
    query: `mutation createWorkspaceServiceAccount($label: String!, $workspaceUuid: Uuid!, $role: Role!) {
  createWorkspaceServiceAccount(label: $label, category: "ci", workspaceUuid: $workspaceUuid, role: $role) {
    id label category entityType workspaceUuid active apiKey createdAt roleBindings { role }
  }
}`,
  },
  calls: () =>
    admins.map(({ workspace, person }) => ({
      person,
      variables: { label: "ci", workspaceUuid: idOf("workspace", workspace), role: "WORKSPACE_EDITOR" },
    })),
  followUp: {
    target: {
      name: "M1delete",
      field: "deleteWorkspaceServiceAccount",
      query: `mutation deleteWorkspaceServiceAccount($serviceAccountUuid: Uuid!, $workspaceUuid: Uuid!) {
  deleteWorkspaceServiceAccount(serviceAccountUuid: $serviceAccountUuid, workspaceUuid: $workspaceUuid) { id label }
}`,
    },
    variables: ({ workspaceUuid }, { id }) => ({ serviceAccountUuid: id, workspaceUuid }),
  },
  differing: ["id", "apiKey", "createdAt"],
  fresh: (variables, nth) => ({ ...variables, label: `ci ${nth}` }),
};

/** All operations by name. */
export const operations = { Q1, Q2, Q3, Q4, M1, R1, R2, R3, A1 } as const satisfies Record<string, Operation>;

/** The name of an operation. */
export type OperationName = keyof typeof operations;
