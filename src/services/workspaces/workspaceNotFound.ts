import { AppError } from "../../platform/errors/appError.ts";

/** NOT_FOUND for a Workspace that does not exist, or was deleted by a concurrent request. */
export const workspaceNotFound = () => new AppError("NOT_FOUND", "Workspace not found");
