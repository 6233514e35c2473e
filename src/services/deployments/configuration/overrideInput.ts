import { z } from "zod";
import { authorize } from "../../../access/authorize.ts";
import type { Context } from "../../../access/context.ts";
import type { Permission } from "../../../access/permissions.ts";
import { limitNames } from "../../../platform/config/limits.ts";
import type { Setting } from "../../../platform/config/settings.ts";
import { at, isMapping, removeAt } from "../../../platform/config/tree.ts";
import { AppError, badInput, DENIED } from "../../../platform/errors/appError.ts";
import { optional } from "../../../platform/input/input.ts";
import { equalFor, layOver, type Override, withOurNames } from "./configLayers.ts";
import { DELETE_KEY } from "./deleteKey.ts";
import { type Entry, entriesOf, settingsAt } from "./mergeOverride.ts";

/** The argument `deploymentsConfigOverride`. */
export const OverrideInput = z.record(z.string(), z.json(), "must be an object of deployments settings");

const REASON = "must be a string of at most 1,000 characters";

/** The argument `reason`. */
export const Reason = optional(z.string(REASON).trim().max(1000, REASON));

/**
 * Settings of Houston itself, or with secrets: they can only be set in the platform's configuration. Here and below by
 * the names that Houston reads, whichever name a caller gives.
 */
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
  "overridableLimits",
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
  "ingress",
  "houstonUrl",
  "serviceAccountAnnotationKey",
  "preDeploymentValidationHook",
  "enableHoustonInternalAuthorization",
  "disableManageResourceQuotasAndLimitRanges",
  "manualConnectionStrings",
  "elasticsearch",
  "gitSyncRelay",
];

/**
 * The settings that only system roles may change: also limits that `deployments.overridableLimits` does not hand down.
 */
const reserved = ({ config }: Pick<Context, "config">): readonly string[] => {
  const handedDown: readonly string[] = config.deployments.overridableLimits;
  return [...systemOnly, ...limitNames.filter((name) => !handedDown.includes(name))];
};

/** What an update of an override is checked against. */
export interface Allowed {
  /** The stored override. What it contains can be deleted, even if it is no longer allowed. */
  stored?: Override;
  /** An override of a cluster: it may contain keys of its own, and the keys of settings cannot be deleted. */
  cluster?: boolean;
}

/**
 * Throws BAD_USER_INPUT that names every key of an update that is unknown, has an invalid value, can only be set for
 * the whole platform, or cannot be deleted.
 */
export function assertOverride(
  { config }: Pick<Context, "config">,
  update: Override,
  { stored = {}, cluster = false }: Allowed = {},
): void {
  const entries = entriesOf(update);
  const deletions = entries.filter(({ value }) => value === DELETE_KEY);
  const undeletable = cluster ? deletions.find(({ keys }) => settingsAt(keys).length > 0) : undefined;
  if (undeletable) throw badInput(argumentAt(undeletable), "cannot be deleted for a cluster, only overridden");
  const checked = entries.filter(({ keys, value }) => value !== DELETE_KEY || at(stored, keys) === undefined);
  const isChecked = new Set(checked);
  const own = checked.map(platformOnlyPart).find((keys) => keys !== undefined);
  if (own) throw badInput(argumentAt({ keys: own }), "can only be set for the whole platform");
  // null for what is deleted, so that its name is still validated.
  const wanted = (value: unknown): unknown => {
    if (value === DELETE_KEY) return null;
    if (!isMapping(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, wanted(inner)]));
  };
  const named: Override = structuredClone(update);
  for (const entry of deletions) if (!isChecked.has(entry)) removeAt(named, entry.keys);
  const { problems } = layOver(config.deployments, wanted(named) as Override, { own: cluster });
  if (problems.length === 0) return;
  const lines = problems.slice(0, MAX_LINES).map(({ key, message }) => `${cut(argumentOf(key))}: ${message}`);
  if (problems.length > MAX_LINES) lines.push(`and ${problems.length - MAX_LINES} more`);
  throw new AppError("BAD_USER_INPUT", lines.join("; "), cut(argumentOf(problems[0]?.key ?? "")));
}

/** Keys that an error names, and characters of each. */
const MAX_LINES = 20;
const MAX_KEY = 200;
const cut = (key: string) => (key.length > MAX_KEY ? `${key.slice(0, MAX_KEY)}…` : key);

/** The first of the entry's groups that contains nothing but platform-only settings; undefined if there is none. */
const platformOnlyPart = ({ keys }: Entry) =>
  keys.map((_, depth) => keys.slice(0, depth + 1)).find((group) => isPlatformOnly(settingsAt(group)));

const isPlatformOnly = (settings: readonly Setting[]) =>
  settings.length > 0 && settings.every(({ path }) => platformOnly.includes(path.split(".")[1] ?? ""));

const argumentAt = ({ keys }: Pick<Entry, "keys">) => ["deploymentsConfigOverride", ...keys].join(".");
const argumentOf = (key: string) => key.replace(/^deployments/, "deploymentsConfigOverride");

/**
 * Throws FORBIDDEN, naming the setting, if the override after an update, `next`, differs from the stored one in a
 * setting that only system roles may change, and the caller lacks the permission `system` at system scope.
 */
export function assertMayOverride(
  ctx: Context,
  system: Permission,
  { stored, next }: { stored: Override; next: Override },
): void {
  if (authorize(ctx.roles, ctx.caller, [system])) return;
  const [before, after] = [withOurNames(stored), withOurNames(next)];
  const changed = reserved(ctx).find((key) => !equalFor([key], before, after));
  if (changed === undefined) return;
  throw new AppError("FORBIDDEN", DENIED, argumentAt({ keys: [changed] }), { permission: [system] });
}
