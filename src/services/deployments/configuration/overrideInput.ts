import { z } from "zod";
import { authorize } from "../../../access/authorize.ts";
import type { Context } from "../../../access/context.ts";
import type { Permission } from "../../../access/permissions.ts";
import { AppError, badInput, forbidden } from "../../../platform/errors/appError.ts";
import { optional } from "../../../platform/input/input.ts";
import { layOver, type Override, sameUnder } from "./configLayers.ts";

/** The argument `deploymentsConfigOverride`. */
export const OverrideInput = z.record(z.string(), z.json(), "needs an object of deployments settings");

/** The argument `reason`. */
export const Reason = optional(z.string("needs a text").trim().max(1000, "needs at most 1,000 characters"));

/** These concern Houston itself, or its secrets: only the platform's configuration says them. */
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

/** Whoever sets these can reach what runs the cluster, or other Deployments: system roles only. */
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
 * Throws BAD_USER_INPUT that names every setting of an override that is unknown, has a value that is not allowed, or is
 * the platform's own.
 */
export function assertOverride({ config }: Pick<Context, "config">, override: Override): void {
  const own = platformOnly.find((key) => key in override);
  if (own) throw badInput(`deploymentsConfigOverride.${own}`, "is set for the whole platform only");
  const { problems } = layOver(config.deployments, override);
  if (problems.length === 0) return;
  const lines = problems.map(({ key, message }) => `${argumentOf(key)}: ${message}`);
  throw new AppError("BAD_USER_INPUT", lines.join("; "), argumentOf(problems[0]?.key ?? ""));
}

const argumentOf = (key: string) => key.replace(/^deployments/, "deploymentsConfigOverride");

/**
 * Throws FORBIDDEN when the caller, who holds `system` on no system role, would change a setting that only system roles
 * may: by giving it, or by leaving out what one has stored.
 */
export function assertMayOverride(
  { roles, caller }: Context,
  system: Permission,
  { stored, wanted }: { stored: Override; wanted: Override },
): void {
  if (!sameUnder(systemOnly, stored, wanted) && !authorize(roles, caller, [system])) throw forbidden();
}
