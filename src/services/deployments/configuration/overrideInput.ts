import { z } from "zod";
import { authorize } from "../../../access/authorize.ts";
import type { Context } from "../../../access/context.ts";
import type { Permission } from "../../../access/permissions.ts";
import { AppError, badInput, forbidden } from "../../../platform/errors/appError.ts";
import { optional } from "../../../platform/input/input.ts";
import { equalFor, layOver, type Override } from "./configLayers.ts";

/** The argument `deploymentsConfigOverride`. */
export const OverrideInput = z.record(z.string(), z.json(), "must be an object of deployments settings");

const REASON = "must be a string of at most 1,000 characters";

/** The argument `reason`. */
export const Reason = optional(z.string(REASON).trim().max(1000, REASON));

/** Settings of Houston itself, or with secrets: they can only be set in the platform's configuration. */
const platformOnly = [
  "subdomain",
  "airflowReleasesFile",
  "astroRuntimeReleasesFile",
  "pagination",
  "gitSync",
  "upsertDeploymentEnabled",
  "enableUpdateDeploymentImageEndpoint",
  "database",
  "mockWebhook",
];

/** Settings that give access to the cluster or to other Deployments: only system roles may change them. */
const systemOnly = [
  "helm",
  "manualNamespaceNames",
  "preCreatedNamespaces",
  "namespaceFreeFormEntry",
  "namespaceLabels",
  "manualReleaseNames",
  "hardDeleteDeployment",
  "authSideCar",
  "dagDeploy",
  "loggingSidecar",
  "sidecars",
  "serviceAccountAnnotationKey",
  "preDeploymentValidationHook",
  "enableHoustonInternalAuthorization",
];

/**
 * Throws BAD_USER_INPUT that names every setting of an override that is unknown, has an invalid value, or can only be set
 * for the whole platform.
 */
export function assertOverride({ config }: Pick<Context, "config">, override: Override): void {
  const own = platformOnly.find((key) => key in override);
  if (own) throw badInput(`deploymentsConfigOverride.${own}`, "can only be set for the whole platform");
  const { problems } = layOver(config.deployments, override);
  if (problems.length === 0) return;
  const lines = problems.map(({ key, message }) => `${argumentOf(key)}: ${message}`);
  throw new AppError("BAD_USER_INPUT", lines.join("; "), argumentOf(problems[0]?.key ?? ""));
}

const argumentOf = (key: string) => key.replace(/^deployments/, "deploymentsConfigOverride");

/**
 * Throws FORBIDDEN if the caller, without the permission `system` at system scope, changes a setting that only system roles
 * may change, by setting it or by omitting a stored value.
 */
export function assertMayOverride(
  { roles, caller }: Context,
  system: Permission,
  { stored, next }: { stored: Override; next: Override },
): void {
  if (!equalFor(systemOnly, stored, next) && !authorize(roles, caller, [system])) throw forbidden([system]);
}
