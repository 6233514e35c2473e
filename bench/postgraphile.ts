import type { Document } from "./operation.ts";

/** A document for PostGraphile, whose response `shape` turns into the one of our document. */
interface Translation {
  query: string;
  shape?: (data: Data) => unknown;
}

type Data = Record<string, unknown>;

/** By the name of our document. Its fields are named after tables and foreign keys; aliases restore our names. */
const translations: Record<string, Translation> = {
  Q1: {
    query: `query workspaceDeployments($workspaceUuid: String!) {
  workspaceDeployments: allDeploymentsList(
    condition: { workspaceId: $workspaceUuid, deletedAt: null }
    orderBy: [CREATED_AT_ASC, ROW_ID_ASC]
  ) {
    id: rowId label releaseName status createdAt updatedAt config
    workspace: workspaceByWorkspaceId {
      id: rowId label users: usersList { username emails: emailsByUserIdList { address } }
    }
    roleBindings: roleBindingsByDeploymentIdList(orderBy: [CREATED_AT_ASC, ROW_ID_ASC]) {
      role user: userByUserId { username }
    }
  }
}`,
  },
  Q2: {
    query: `query users($email: String!) {
  emails: allEmailsList(condition: { address: $email }) {
    user: userByUserId {
      id: rowId username status createdAt
      roleBindings: roleBindingsByUserIdList(orderBy: [CREATED_AT_ASC, ROW_ID_ASC]) { role }
    }
  }
}`,
    shape: ({ emails }) => (emails as Data[]).map(({ user }) => user),
  },
  Q3: {
    query: `query workspaceDeployment($workspaceUuid: String!, $releaseName: String!) {
  workspaceDeployment: allDeploymentsList(
    condition: { workspaceId: $workspaceUuid, releaseName: $releaseName, deletedAt: null }
    first: 1
  ) {
    id: rowId label releaseName status createdAt
  }
}`,
    shape: ({ workspaceDeployment }) => (workspaceDeployment as Data[])[0],
  },
  Q4: {
    query: `query paginatedDeployments($take: Int, $cursor: String) {
  paginatedDeployments: deploymentsAfterList(take: $take, afterId: $cursor) {
    id: rowId label releaseName createdAt workspace: workspaceByWorkspaceId { id: rowId label }
  }
}`,
  },
  M1create: {
    query: `mutation createWorkspaceServiceAccount($label: String!, $workspaceUuid: String!, $role: Role!) {
  createWorkspaceServiceAccount(label: $label, category: "ci", workspaceUuid: $workspaceUuid, role: $role) {
    id label category entityType workspaceUuid active apiKey createdAt roleBindings { role }
  }
}`,
  },
  M1delete: {
    query: `mutation deleteWorkspaceServiceAccount($serviceAccountUuid: String!, $workspaceUuid: String!) {
  deleteWorkspaceServiceAccount(serviceAccountUuid: $serviceAccountUuid, workspaceUuid: $workspaceUuid) { id label }
}`,
  },
};

/** The document for PostGraphile. */
export const toPostgraphile = ({ name }: Document, variables: Data) => ({
  query: translations[name]?.query,
  variables,
});

/** The response to it, in the form of ours. */
export function fromPostgraphile(document: Document, data: Data | undefined): unknown {
  if (!data) return undefined;
  const shape = translations[document.name]?.shape ?? (() => data[document.field]);
  return withOurTimes(shape(data));
}

/** Columns store UTC without a time zone, which PostGraphile omits too: "2026-01-01T00:00:00". */
function withOurTimes(value: unknown): unknown {
  if (typeof value === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+$/.test(value)) return new Date(`${value}Z`).toISOString();
  if (Array.isArray(value)) return value.map(withOurTimes);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withOurTimes(part)]));
}
