import { z } from "zod";
import type { Level } from "../../access/roles.ts";
import { AppError, badInput } from "../../platform/errors/appError.ts";
import { asAppError } from "../../platform/errors/asAppError.ts";

/** The scope of a service account, as columns; the system if both are null. */
export type Home =
  | { workspaceId: string; deploymentId: null }
  | { workspaceId: null; deploymentId: string }
  | { organizationId: null; workspaceId: null; deploymentId: null };

/** Scope of the system's accounts. */
export const systemHome: Home = { organizationId: null, workspaceId: null, deploymentId: null };

/** Scope of a Workspace's accounts, without those of its Deployments. */
export const workspaceHome = (workspaceId: string): Home => ({ workspaceId, deploymentId: null });

/** Scope of a Deployment's accounts. */
export const deploymentHome = (deploymentId: string): Home => ({ workspaceId: null, deploymentId });

/** The scope at `level`. Throws BAD_USER_INPUT if the ID of a Workspace or Deployment is missing. */
export function homeOf(level: Level, id: string | undefined): Home {
  if (level === "SYSTEM") return systemHome;
  if (id === undefined)
    throw badInput("entityUuid", `is required: the ID of a ${level === "WORKSPACE" ? "Workspace" : "Deployment"}`);
  return level === "WORKSPACE" ? workspaceHome(id) : deploymentHome(id);
}

/** The level of `entityType` arguments. */
export const EntityType = z.enum(["SYSTEM", "WORKSPACE", "DEPLOYMENT"], "must be SYSTEM, WORKSPACE or DEPLOYMENT");

const CATEGORY = "must be a string of at most 80 characters";

/** Free text to group accounts by: at most 80 characters. */
export const Category = z.string(CATEGORY).trim().max(80, CATEGORY);

/** NOT_FOUND for an account that does not exist, or not in the given scope. */
export const accountNotFound = () =>
  new AppError("NOT_FOUND", "serviceAccountUuid: unknown service account in this scope", "serviceAccountUuid");

/** Turns the error of an update that matched no row into a NOT_FOUND that names the argument. */
export const rethrowNotFound = (thrown: unknown): never => {
  throw asAppError(thrown)?.code === "NOT_FOUND" ? accountNotFound() : thrown;
};
