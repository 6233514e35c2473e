import roles from "../contract/roles.json" with { type: "json" };
import type { Binding, Graph } from "./graph.ts";
import { allows, type Column } from "./oracle.ts";

/** The scope of a permission; the system if empty. */
export interface Place {
  workspaceId?: string;
  deploymentId?: string;
}

/** The role bindings of a user or a service account: their own, and those of their teams. */
export function bindingsOf(graph: Pick<Graph, "teams" | "bindings">, id: string): Binding[] {
  const teams = new Set(graph.teams.filter(({ members }) => members.includes(id)).map((team) => team.id));
  return graph.bindings.filter(
    ({ userId, serviceAccountId, teamId }) =>
      userId === id || serviceAccountId === id || (teamId !== null && teams.has(teamId)),
  );
}

/** True if the public role file grants a caller with these bindings one of the keys in this scope. */
export function may(kind: "user" | "service account", held: readonly Binding[], keys: readonly string[], place: Place) {
  const plain = allows({ kind, own: false }, keys);
  return (
    plain ||
    held.some(({ role, workspaceId, deploymentId }) => {
      const own =
        (workspaceId !== null && workspaceId === place.workspaceId) ||
        (deploymentId !== null && deploymentId === place.deploymentId);
      return allows({ kind, role: role as NonNullable<Column["role"]>, own }, keys);
    })
  );
}

const everyKey = Object.keys(roles.roles.SYSTEM_ADMIN.permissions);

/** Every permission that these bindings grant in the graph: a line for each key and scope. */
export function rightsOf(graph: Graph, kind: "user" | "service account", held: readonly Binding[]): Set<string> {
  const places: Place[] = [
    {},
    ...graph.workspaces.map(({ id }) => ({ workspaceId: id })),
    ...graph.deployments.map(({ id, workspaceId }) => ({ workspaceId, deploymentId: id })),
  ];
  return new Set(
    places.flatMap((place) =>
      everyKey
        .filter((key) => may(kind, held, [key], place))
        .map((key) => `${key} on ${place.deploymentId ?? place.workspaceId ?? "the system"}`),
    ),
  );
}
