import { amounts, bench, emailOf, idOf, memberOf, people, releaseNameOf, type Size } from "./data.ts";

/** One request: the user who sends it, and the variables. */
export interface Call {
  /** The number of the user. */
  person: number;
  variables: Record<string, unknown>;
}

/** A constant document, so that servers benefit from what they cache about it. */
export interface Document {
  /** The route of a server without GraphQL. */
  name: string;
  /** A GraphQL document for schema.graphql. */
  query: string;
  /** The root field. */
  field: string;
}

/** A common operation. */
export interface Operation {
  title: string;
  /** The document of the request; for a pair, of the first one. */
  document: Document;
  /** The calls to rotate through, so that no row is used all the time. */
  calls(size: Size): Call[];
  /** The second request of a pair, about the row in the first response. The pair counts as one. */
  followUp?: {
    document: Document;
    variables(first: Record<string, unknown>, answer: { id: string }): Record<string, unknown>;
  };
  /** Keys whose values differ between servers and calls. */
  differing?: readonly string[];
  /** Changes the variables of a repeated call if it must create a new row. */
  fresh?(variables: Record<string, unknown>, nth: number): Record<string, unknown>;
}

const numbers = (amount: number) => Array.from({ length: amount }, (_, n) => n);

/** Each bench Workspace, for its own Admin and for the Admin of all ten. */
const admins = numbers(bench.workspaces).flatMap((workspace) =>
  [memberOf(workspace, 0), people.manyWorkspaces].map((person) => ({ workspace, person })),
);

const Q1: Operation = {
  title: "workspaceDeployments, 10 rows with workspace, users, e-mails, role bindings",
  document: {
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

const Q2: Operation = {
  title: "users by e-mail with role bindings",
  document: {
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

const Q3: Operation = {
  title: "workspaceDeployment by release name, 5 scalars",
  document: {
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

const Q4: Operation = {
  title: "page of 100 deployments with workspace",
  document: {
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

const M1: Operation = {
  title: "create, then delete a service account, with audit row",
  document: {
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
    document: {
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
export const operations = { Q1, Q2, Q3, Q4, M1 } as const satisfies Record<string, Operation>;

/** The name of an operation. */
export type OperationName = keyof typeof operations;
