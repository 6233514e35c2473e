import { amounts, bench, emailOf, idOf, memberOf, people, releaseNameOf, type Size } from "./data.ts";

/** One request: who sends it and the variables of the document. */
export interface Call {
  /** Number of the user. */
  person: number;
  variables: Record<string, unknown>;
}

/** The documents under which servers are asked; constant, so that whatever a server remembers of a document counts. */
export interface Document {
  /** Names the route of a server without GraphQL. */
  name: string;
  /** GraphQL in the words of schema.graphql. */
  query: string;
  /** The root field that answers. */
  field: string;
}

/** Something that is asked all day. */
export interface Operation {
  title: string;
  /** What one request asks; of a pair, the first one. */
  document: Document;
  /** Requests to rotate over, so that no row is hot. */
  calls(size: Size): Call[];
  /** The second request of a pair: it names what the first one's answer holds. The pair is counted as one. */
  followUp?: {
    document: Document;
    variables(first: Record<string, unknown>, answer: { id: string }): Record<string, unknown>;
  };
  /** Keys whose values differ from server to server and call to call. */
  differing?: readonly string[];
  /** Makes the variables of a repeated call differ where rows must be new. */
  fresh?(variables: Record<string, unknown>, nth: number): Record<string, unknown>;
}

const numbers = (amount: number) => Array.from({ length: amount }, (_, n) => n);

/** Each bench Workspace, asked about by its own admin and by the admin of all ten. */
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
  // The first page, then pages from all over the table.
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

/** All of them by name. */
export const operations = { Q1, Q2, Q3, Q4, M1 } as const satisfies Record<string, Operation>;

/** The name of an operation. */
export type OperationName = keyof typeof operations;
