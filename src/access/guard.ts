import type { GraphQLFieldResolver } from "graphql";
import { actorOf } from "../platform/audit/recordAudit.ts";
import { AppError, badInput, forbidden, unauthenticated } from "../platform/errors/appError.ts";
import { assertStorableString } from "../platform/input/assertStorable.ts";
import { authorize, type Caller } from "./authorize.ts";
import type { Context, Target } from "./context.ts";
import { type FoundScope, type ScopeRequest, scopeKey } from "./loadCaller.ts";
import { HEADER, notYours, organizationRow } from "./organizationHeader.ts";
import { permissions } from "./permissions.ts";
import { houstonReach, levelOfScope } from "./reach.ts";
import { applying, keysFor, namedBy, type Rule, textAt } from "./rules.ts";
import { nameColumn, type ScopeKind, type ScopeKindName, scopeKinds } from "./scopeKinds.ts";
import { whileAllowed } from "./whileAllowed.ts";

type Args = Record<string, unknown>;

/** A rule that applies to a call, and the row that its arguments identify. */
interface AppliedRule {
  rule: Rule;
  /** Undefined for the platform; `path` is the argument that identifies the row. */
  row: (ScopeRequest & { path: string }) | undefined;
}

/**
 * Wraps a root field: loads the caller and checks every rule that applies. The scope is read from the stored row,
 * because the caller controls the arguments. An unknown row throws the same error as a forbidden one, unless a system
 * role of the caller allows the field for every row: then it throws NOT_FOUND.
 */
export function guard(
  rules: readonly Rule[],
  resolve: GraphQLFieldResolver<unknown, Context>,
): GraphQLFieldResolver<unknown, Context> {
  return async (source, args: Args, ctx, info) => {
    await admit(rules, ctx, args);
    return resolve(source, args, ctx, info);
  };
}

/**
 * Wraps the `subscribe` of a subscription in the same way, and repeats the checks while it runs: soon after the caller
 * may have lost a permission, when the credential expires, and every `subscriptions.recheckInterval`. Once the session, key or permission is
 * revoked, the stream ends with the error that a new call would throw.
 */
export function guardStream(
  rules: readonly Rule[],
  subscribe: GraphQLFieldResolver<unknown, Context>,
): GraphQLFieldResolver<unknown, Context> {
  return async (source, args: Args, ctx, info) => {
    const { rightsEvents, sharedCallerLoader, credential } = ctx;
    const since = rightsEvents.heard();
    const validFor = await admit(rules, ctx, args);
    const events = (await subscribe(source, args, ctx, info)) as AsyncIterableIterator<unknown>;
    return whileAllowed(events, {
      check: () => admit(rules, ctx, args, (requests) => sharedCallerLoader(credential, requests)),
      validFor,
      every: ctx.config.subscriptions.recheckInterval,
      onDoubt: (recheck) => rightsEvents.follow(ctx.caller.id, since, recheck),
    });
  };
}

/**
 * Loads the caller. Throws unless the caller meets every rule that applies. Returns the milliseconds for which the credential
 * is still valid; undefined if it does not expire.
 */
export async function admit(
  rules: readonly Rule[],
  ctx: Context,
  args: Args,
  loadCaller = ctx.loadCaller,
): Promise<number | undefined> {
  const rejected = () => unauthenticated(firstKeys(applying(rules, args), args));
  if (ctx.credential.kind === "none" || ctx.credential.kind === "bad") throw rejected();
  const applied = applying(rules, args).map((rule): AppliedRule => ({ rule, row: rowOf(rule, args, ctx) }));
  const rows = applied.flatMap(({ row }) => row ?? []);
  const { caller, scopes, validFor } = await loadCaller(rows);
  if (!caller) throw rejected();
  ctx.lastUsed.touch(ctx.credential, caller.id, ctx.now());
  // Set on the request's own context, for a denial too: a request has one caller, and fields computed from fetched rows are
  // resolved with it.
  ctx.caller = caller;
  ctx.origin.caller = actorOf({ caller });
  // If no rule applies, nothing has been checked.
  if (applied.length === 0) throw forbidden();
  for (const one of applied) {
    const found = one.row && scopes.get(scopeKey(one.row));
    if (one.row) ctx.target = targetOf(one.row.kind, found);
    check(ctx, caller, one, found, args);
  }
  return validFor;
}

/** What is recorded for a denial. Not the ID of an unknown row: the caller can send anything. */
function targetOf(kind: ScopeKindName, found: FoundScope | undefined): Target {
  return {
    entityType: scopeKinds[kind].table,
    entityId: found?.id ?? "unknown",
    workspaceId: found?.workspaceId ?? null,
  };
}

function check(
  ctx: Context,
  caller: Caller,
  { rule, row }: AppliedRule,
  found: FoundScope | undefined,
  args: Args,
): void {
  const isForeign = row?.path === HEADER && !found?.isMember;
  const named = () => (isForeign ? notYours() : forbidden(namedKeys(rule, args)));
  if (rule.permissions.length === 0) {
    if (isForeign) throw named();
    return;
  }
  if (row && !found) {
    const { noun, level = "SYSTEM" }: ScopeKind = scopeKinds[row.kind];
    // Without a scope, only system roles apply.
    const everywhere = authorize(ctx.roles, caller, keysFor(rule, level));
    if (!everywhere) throw named();
    throw new AppError("NOT_FOUND", `${noun} not found: unknown ${row.path}`, row.path);
  }
  if (rule.orMember && found?.isMember) return;
  if (rule.orSelf && caller.kind === "user" && textAt(args, rule.orSelf) === caller.id) return;
  const level = levelOfScope(found ?? {}, ctx.roles.reach);
  if (!authorize(ctx.roles, caller, keysFor(rule, level), found)) throw named();
}

/**
 * The permissions that a denial names: those of the rule, for the level of such rows. Where each row has a level of its
 * own, the keys of all levels: they would otherwise tell whether the row exists and where.
 */
function namedKeys(rule: Rule, args: Args): readonly string[] {
  const kind = rule.on === "ENTITY" ? entityKind(args) : rule.on;
  const rows: ScopeKind | undefined = kind === undefined || kind === "SYSTEM" ? undefined : scopeKinds[kind];
  const level = rows ? rows.level : "SYSTEM";
  const levels = level === undefined ? houstonReach.levels.map(({ name }) => name) : [level];
  return [...new Set(levels.flatMap((name) => keysFor(rule, name)))].filter((key) => key in permissions);
}

/**
 * The permissions that a caller without a valid credential lacks for the first rule. Every other rule comes after it.
 */
const firstKeys = (rules: readonly Rule[], args: Args): readonly string[] =>
  rules.map((rule) => namedKeys(rule, args)).find((keys) => keys.length > 0) ?? [];

/** The arguments that can identify the rule's row. */
const pathsOf = (rule: Rule) => (rule.on === "ENTITY" ? ["entityUuid"] : rule.id);

/** The row that a rule's arguments, or the header `organization`, identify. */
function rowOf(rule: Rule, args: Args, { organization }: Context): AppliedRule["row"] {
  if (rule.on === "SYSTEM") return undefined;
  if (rule.on === "ORGANIZATION" && rule.id.includes(HEADER)) return organizationRow(organization, args);
  const kind = rule.on === "ENTITY" ? entityKind(args) : rule.on;
  if (kind === undefined) return undefined;
  const paths = pathsOf(rule);
  const path = namedBy(paths, args);
  const key = path && textAt(args, path);
  if (!key) throw badInput(paths.join(" or "), `is required (${scopeKinds[kind].noun} ID)`);
  assertStorableString(key, path);
  return { kind, key, column: nameColumn(scopeKinds[kind], path), path };
}

function entityKind(args: Args): ScopeKindName | undefined {
  return args.entityType === "WORKSPACE" || args.entityType === "DEPLOYMENT" ? args.entityType : undefined;
}
