import { AppError } from "../../platform/errors/appError.ts";
import { oneOf } from "../../platform/input/input.ts";

/** What an API key is for, and the role that it holds on its Organization. */
export const roleNames = {
  Router: "ORGANIZATION_ROUTER",
  User: "ORGANIZATION_USER",
  Owner: "ORGANIZATION_OWNER",
} as const;

/** The name of such a role. */
export const RoleName = oneOf(["Router", "User", "Owner"]);

/** NOT_FOUND for an API key that does not exist, or not in the Organization. */
export const apiKeyNotFound = () =>
  new AppError("NOT_FOUND", "apiKeyId: unknown API key in this Organization", "apiKeyId");
