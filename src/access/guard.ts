import type { GraphQLFieldResolver } from "graphql";
import { AppError, badInput, forbidden, unauthenticated } from "../platform/errors/appError.ts";
import { authorize, type Caller } from "./authorize.ts";
import type { Context } from "./context.ts";
import { type FoundScope, type ScopeRequest, scopeKey } from "./loadCaller.ts";
import { type AuthScope, applying, keysFor, namedBy, type Rule, textAt } from "./rules.ts";
import { whileAllowed } from "./whileAllowed.ts";

type Args = Record<string, unknown>;

/** What a rule asks to be looked up, worked out from the arguments. */
interface Ask {
  rule: Rule;
  /** Undefined for the system; `path` is the argument that names the row. */
  row: (ScopeRequest & { path: string }) | undefined;
}

/**
 * Wraps a root field: loads the caller, and lets them through if every rule that applies does. The stored row decides
 * about scope, because the arguments are the caller's. A row that does not exist answers like one the caller may not
 * see, unless a system role of theirs allows the field everywhere: then NOT_FOUND.
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
 * Wraps the `subscribe` of a subscription the same way, and looks again while it runs: soon after the caller may have lost a
 * right, and every `subscriptions.recheckInterval`. Once their session, key or right has gone, the stream ends with the error that
 * a new call would get.
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
      doubts: (look) => rightsEvents.follow(ctx.caller.id, since, look),
    });
  };
}

/** Loads the caller. Throws unless every rule that applies lets them through. */
async function admit(rules: readonly Rule[], ctx: Context, args: Args, loadCaller = ctx.loadCaller): Promise<void> {
  if (ctx.credential.kind === "none" || ctx.credential.kind === "bad") throw unauthenticated();
  const asks = applying(rules, args).map((rule): Ask => ({ rule, row: rowOf(rule, args) }));
  const rows = asks.flatMap(({ row }) => row ?? []);
  const { caller, scopes } = await loadCaller(rows);
  if (!caller) throw unauthenticated();
  if (caller.kind === "serviceAccount") ctx.lastUsed.touch(caller.id, ctx.now());
  // Where no rule applies, nothing has been checked.
  if (asks.length === 0) throw forbidden();
  for (const ask of asks) {
    const found = ask.row && scopes.get(scopeKey(ask.row));
    check(ctx, caller, ask, found);
  }
  // One request has one caller, and fields made from fetched rows are resolved with the request's own context.
  ctx.caller = caller;
}

function check(ctx: Context, caller: Caller, { rule, row }: Ask, found: FoundScope | undefined): void {
  if (rule.permissions.length === 0) return;
  if (row && !found) {
    // Asked of the system as a whole, only system roles answer yes.
    const everywhere = authorize(
      ctx.roles,
      caller,
      keysFor(rule, row.kind === "SERVICE_ACCOUNT" ? "SYSTEM" : row.kind),
    );
    if (!everywhere) throw forbidden();
    throw new AppError("NOT_FOUND", `${nounOf[row.kind]} not found: ${row.path} names nothing here`, row.path);
  }
  const level = found?.deploymentId ? "DEPLOYMENT" : found?.workspaceId ? "WORKSPACE" : "SYSTEM";
  if (!authorize(ctx.roles, caller, keysFor(rule, level), found ?? {})) throw forbidden();
}

const nounOf: Record<ScopeRequest["kind"], string> = {
  WORKSPACE: "Workspace",
  DEPLOYMENT: "Deployment",
  SERVICE_ACCOUNT: "Service account",
  INVITE: "Invite",
};

/** The arguments that name the rule's row. */
const pathsOf = (rule: Rule) => (rule.on === "ENTITY" ? ["entityUuid"] : rule.id);

/** The row that a rule's arguments name. */
function rowOf(rule: Rule, args: Args): Ask["row"] {
  if (rule.on === "SYSTEM") return undefined;
  const kind = rule.on === "ENTITY" ? entityKind(args) : rule.on;
  if (kind === undefined) return undefined;
  const paths = pathsOf(rule);
  const path = namedBy(paths, args);
  const key = path && textAt(args, path);
  if (!key) throw badInput(paths.join(" or "), `is needed: the id of a ${nounOf[kind]}`);
  return { kind, key, byReleaseName: path.endsWith("releaseName"), path };
}

function entityKind(args: Args): Exclude<AuthScope, "SYSTEM" | "ENTITY"> | undefined {
  return args.entityType === "WORKSPACE" || args.entityType === "DEPLOYMENT" ? args.entityType : undefined;
}
