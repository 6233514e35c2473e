import { createWorkspace } from "../../../services/workspaces/createWorkspace.ts";
import { deleteWorkspace } from "../../../services/workspaces/deleteWorkspace.ts";
import { updateWorkspace } from "../../../services/workspaces/updateWorkspace.ts";
import { pageOf } from "../routing/parts.ts";
import { defineRoute, holding, inOrganization } from "../routing/route.ts";
import {
  CreateWorkspaceRequest,
  UpdateWorkspaceRequest,
  Workspace,
  WorkspacesPaginated,
  WorkspacesQuery,
} from "./schemas.ts";

const tag = "workspace";
const list = "/organizations/{organizationId}/workspaces";
const one = "/organizations/{organizationId}/workspaces/{workspaceId}";
const row = { view: "Workspace", id: "workspaceId" } as const;

/** The operations about Workspaces. */
export const workspaceRoutes = [
  defineRoute({
    operationId: "listWorkspaces",
    tag,
    method: "GET",
    path: list,
    summary: "List the Workspaces that you may see",
    access: [inOrganization],
    query: WorkspacesQuery,
    answer: WorkspacesPaginated,
    errors: [400, 401, 403, 500],
    work: {
      read: "Workspace",
      find: ({ params: { organizationId }, query }) => ({
        where: { organizationId, id: query.workspaceIds, label: query.names },
        page: pageOf("workspaces", query, { createdAt: "createdAt", name: "label", updatedAt: "updatedAt" }),
      }),
    },
  }),
  defineRoute({
    operationId: "createWorkspace",
    tag,
    method: "POST",
    path: list,
    summary: "Create a Workspace",
    description: "A user who creates it becomes its Workspace Admin.",
    access: [inOrganization, holding("SYSTEM", "", "system.workspace.create")],
    body: CreateWorkspaceRequest,
    example: { name: "Green", description: "For the green team", cicdEnforcedDefault: false },
    answer: Workspace,
    errors: [400, 401, 403, 404, 500],
    names: { label: "name" },
    work: {
      write: createWorkspace,
      inputOf: ({ params: { organizationId }, body: { name: label, ...body } }) => ({ ...body, label, organizationId }),
    },
  }),
  defineRoute({
    operationId: "getWorkspace",
    tag,
    method: "GET",
    path: one,
    summary: "Get a Workspace",
    access: [inOrganization, holding("WORKSPACE", "workspaceId", "workspace.config.get", "system.workspace.get")],
    answer: Workspace,
    errors: [400, 401, 403, 404, 500],
    row,
    work: {
      read: "Workspace",
      find: ({ params: { organizationId, workspaceId } }) => ({ where: { id: workspaceId, organizationId } }),
    },
  }),
  defineRoute({
    operationId: "updateWorkspace",
    tag,
    method: "POST",
    path: one,
    summary: "Update a Workspace",
    access: [inOrganization, holding("WORKSPACE", "workspaceId", "workspace.config.update", "system.workspace.update")],
    body: UpdateWorkspaceRequest,
    example: { name: "Dark green", description: "For the green team", cicdEnforcedDefault: true },
    answer: Workspace,
    errors: [400, 401, 403, 404, 500],
    names: { "payload.label": "name", "payload.description": "description" },
    row,
    work: {
      write: updateWorkspace,
      inputOf: ({ params: { organizationId, workspaceId }, body: { name: label, ...body } }) => ({
        workspaceUuid: workspaceId,
        organizationId,
        payload: { ...body, label },
      }),
    },
  }),
  defineRoute({
    operationId: "deleteWorkspace",
    tag,
    method: "DELETE",
    path: one,
    summary: "Delete a Workspace without Deployments",
    access: [inOrganization, holding("WORKSPACE", "workspaceId", "workspace.config.delete", "system.workspace.delete")],
    errors: [400, 401, 403, 404, 500],
    names: { workspaceUuid: "workspaceId" },
    row,
    work: {
      write: deleteWorkspace,
      inputOf: ({ params: { organizationId, workspaceId } }) => ({ workspaceUuid: workspaceId, organizationId }),
    },
  }),
];
