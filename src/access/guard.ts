import type { GraphQLFieldResolver } from "graphql";
import { AppError, badInput, forbidden, unauthenticated } from "../platform/errors/appError.ts";
import { authorize, type Caller } from "./authorize.ts";
import type { Context } from "./context.ts";
import { type FoundScope, type ScopeRequest, scopeKey } from "./loadCaller.ts";
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
 * may have lost a permission, and every `subscriptions.recheckInterval`. Once the session, key or permission is
 * revoked, the stream ends with the error that a new call would throw.
 */
export function guardStream(
  rules: readonly Rule[],
  subscribe: GraphQLFieldResolver<unknown, Context>,
): GraphQLFieldResolver<unknown, Context> {
  return async (source, args: Args, ctx, info) => {
    const { rightsEvents, sharedCallerLoader, credential } = ctx;
    const since = rightsEvents.heard();
    await admit(rules, ctx, args);
    const events = (await subscribe(source, args, ctx, info)) as AsyncIterableIterator<unknown>;
    return whileAllowed(events, {
      check: () => admit(rules, ctx, args, (requests) => sharedCallerLoader(credential, requests)),
      every: ctx.config.subscriptions.recheckInterval,
      onDoubt: (recheck) => rightsEvents.follow(ctx.caller.id, since, recheck),
    });
  };
}

/** Loads the caller. Throws unless the caller meets every rule that applies. */
export async function admit(
  rules: readonly Rule[],
  ctx: Context,
  args: Args,
  loadCaller = ctx.loadCaller,
): Promise<void> {
  const rejected = () => unauthenticated(firstKeys(applying(rules, args), args));
  if (ctx.credential.kind === "none" || ctx.credential.kind === "bad") throw rejected();
  const applied = applying(rules, args).map((rule): AppliedRule => ({ rule, row: rowOf(rule, args) }));
  const rows = applied.flatMap(({ row }) => row ?? []);
  const { caller, scopes } = await loadCaller(rows);
  if (!caller) throw rejected();
  if (caller.kind === "serviceAccount") ctx.lastUsed.touch(caller.id, ctx.now());
  // If no rule applies, nothing has been checked.
  if (applied.length === 0) throw forbidden();
  for (const one of applied) {
    const found = one.row && scopes.get(scopeKey(one.row));
    check(ctx, caller, one, found, args);
  }
  // Set on the request's own context: a request has one caller, and fields computed from fetched rows are resolved with
  // it.
  ctx.caller = caller;
}

function check(
  ctx: Context,
  caller: Caller,
  { rule, row }: AppliedRule,
  found: FoundScope | undefined,
  args: Args,
): void {
  if (rule.permissions.length === 0) return;
  if (row && !found) {
    const { noun, level = "SYSTEM" }: ScopeKind = scopeKinds[row.kind];
    // Without a scope, only system roles apply.
    const everywhere = authorize(ctx.roles, caller, keysFor(rule, level));
    if (!everywhere) throw forbidden(namedKeys(rule, args));
    throw new AppError("NOT_FOUND", `${noun} not found: unknown ${row.path}`, row.path);
  }
  if (rule.orMember && found?.isMember) return;
  const level = levelOfScope(found ?? {}, ctx.roles.reach);
  if (!authorize(ctx.roles, caller, keysFor(rule, level), found)) throw forbidden(namedKeys(rule, args));
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
  return [...new Set(levels.flatMap((name) => keysFor(rule, name)))];
}

/**
 * The permissions that a caller without a valid credential lacks for the first rule. Every other rule comes after it.
 */
const firstKeys = (rules: readonly Rule[], args: Args): readonly string[] =>
  rules.map((rule) => namedKeys(rule, args)).find((keys) => keys.length > 0) ?? [];

/** The arguments that can identify the rule's row. */
const pathsOf = (rule: Rule) => (rule.on === "ENTITY" ? ["entityUuid"] : rule.id);

/** The row that a rule's arguments identify. */
function rowOf(rule: Rule, args: Args): AppliedRule["row"] {
  if (rule.on === "SYSTEM") return undefined;
  const kind = rule.on === "ENTITY" ? entityKind(args) : rule.on;
  if (kind === undefined) return undefined;
  const paths = pathsOf(rule);
  const path = namedBy(paths, args);
  const key = path && textAt(args, path);
  if (!key) throw badInput(paths.join(" or "), `is required (${scopeKinds[kind].noun} ID)`);
  return { kind, key, column: nameColumn(scopeKinds[kind], path), path };
}

function entityKind(args: Args): ScopeKindName | undefined {
  return args.entityType === "WORKSPACE" || args.entityType === "DEPLOYMENT" ? args.entityType : undefined;
}
