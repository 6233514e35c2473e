import { z } from "zod";
import { Description, Flag, labelOf } from "../../../platform/input/input.ts";
import { PageInfo, Paging, Strings, Subject, Time } from "../routing/parts.ts";

/** The maximum length of names of Workspaces and Organizations, as in the contract. */
const MAX_NAME = 50;

const name = labelOf(MAX_NAME).describe("Unique in the installation.");
const cicdEnforcedDefault = Flag.describe(
  "Whether new Deployments accept deploys from CI systems only, unless they say otherwise.",
);

export const CreateWorkspaceRequest = z
  .strictObject({ name, description: Description.optional(), cicdEnforcedDefault: cicdEnforcedDefault.optional() })
  .meta({ id: "CreateWorkspaceRequest" });

export const UpdateWorkspaceRequest = z
  .strictObject({ name, description: Description, cicdEnforcedDefault })
  .meta({ id: "UpdateWorkspaceRequest" });

export const Workspace = z
  .strictObject({
    id: z.string(),
    organizationId: z.string(),
    organizationName: z.string().optional(),
    name: z.string(),
    description: z.string().optional(),
    cicdEnforcedDefault: z.boolean(),
    createdAt: Time,
    updatedAt: Time,
    createdBy: Subject.optional(),
    updatedBy: Subject.optional(),
  })
  .meta({ id: "Workspace" });

export const WorkspacesPaginated = z
  .strictObject({ workspaces: z.array(Workspace), ...PageInfo })
  .meta({ id: "WorkspacesPaginated" });

export const WorkspacesQuery = z.strictObject({
  workspaceIds: Strings.optional().describe("Only these Workspaces."),
  names: Strings.optional().describe("Only Workspaces with one of these names."),
  ...Paging,
});
