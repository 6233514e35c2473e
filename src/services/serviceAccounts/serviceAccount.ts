import { z } from "zod";
import type { Level } from "../../access/roles.ts";
import { AppError, badInput } from "../../platform/errors/appError.ts";
import { asAppError } from "../../platform/errors/asAppError.ts";
import { conflictOn } from "../../platform/errors/conflictOn.ts";

/** Where a service account lives, as columns; all of its columns null is the system. */
export type Home =
  | { workspaceId: string; deploymentId: null }
  | { workspaceId: null; deploymentId: string }
  | { workspaceId: null; deploymentId: null };

/** The accounts of the system. */
export const systemHome: Home = { workspaceId: null, deploymentId: null };

/** The accounts of a Workspace, without those of its Deployments. */
export const workspaceHome = (workspaceId: string): Home => ({ workspaceId, deploymentId: null });

/** The accounts of a Deployment. */
export const deploymentHome = (deploymentId: string): Home => ({ workspaceId: null, deploymentId });

/** The home on `level`. Throws BAD_USER_INPUT when a Workspace or Deployment is meant and `id` is missing. */
export function homeOf(level: Level, id: string | undefined): Home {
  if (level === "SYSTEM") return systemHome;
  if (id === undefined) throw badInput("entityUuid", `is needed: the id of a ${level.toLowerCase()}`);
  return level === "WORKSPACE" ? workspaceHome(id) : deploymentHome(id);
}

/** The level of `entityType` arguments. */
export const EntityType = z.enum(["SYSTEM", "WORKSPACE", "DEPLOYMENT"], "needs SYSTEM, WORKSPACE or DEPLOYMENT");

/** Free text to group accounts by: up to 80 characters. */
export const Category = z.string("needs a text of at most 80 characters").trim().max(80, "needs at most 80 characters");

/** An account that does not exist, or not where the caller says. */
export const accountNotFound = () =>
  new AppError("NOT_FOUND", "serviceAccountUuid: no such service account there", "serviceAccountUuid");

/** Turns a write that met no row into the NOT_FOUND that names the argument. */
export const notThere = (thrown: unknown): never => {
  throw asAppError(thrown)?.code === "NOT_FOUND" ? accountNotFound() : thrown;
};

/** The CONFLICT of a label that another service account of the same scope has. */
export const accountLabelConflict = (argument: string) =>
  conflictOn(argument, "another service account there has this label");
