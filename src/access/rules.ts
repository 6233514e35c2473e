import type { GraphQLField } from "graphql";
import { GraphQLError, type GraphQLSchema, getArgumentValues } from "graphql";
import type { Permission } from "./permissions.ts";
import { permissions } from "./permissions.ts";
import { houstonReach } from "./reach.ts";
import type { ScopeKindName } from "./scopeKinds.ts";

/**
 * What `on` of `@auth` can name: the platform, or the kind of row whose scope is checked; ENTITY: the one in
 * `entityType`.
 */
export type AuthScope = "SYSTEM" | ScopeKindName | "ENTITY";

/** One `@auth` of schema.graphql. */
export interface Rule {
  /** One of these is enough; empty: any signed-in caller. "{scope}" in a key is replaced by the level of the row. */
  permissions: readonly string[];
  on: AuthScope;
  /** Paths of the arguments that identify the row; the first one provided is used. */
  id: readonly string[];
  /** The rule applies only if one of these arguments is provided, or only if none of them is. */
  when: readonly string[] | undefined;
  unless: readonly string[] | undefined;
  /** Path of an argument with a user's ID: users who name themselves meet the rule without a permission. */
  orSelf?: string;
  /** Callers who belong to the Organization (scopePaths.ts) meet the rule too. Only for rules on ORGANIZATION. */
  orMember?: true;
}

/** Who may call a root field: "public", or the rules of its `@auth` directives. */
export type Access = "public" | readonly Rule[];

/**
 * Reads from a root field's directives who may call it. Throws for a field without such a directive and for an unknown
 * permission, so the server does not start with an unprotected field.
 */
export function accessOf(schema: GraphQLSchema, parent: string, field: GraphQLField<unknown, unknown>): Access {
  const name = `${parent}.${field.name}`;
  const nodes = field.astNode?.directives ?? [];
  if (nodes.some((node) => node.name.value === "public")) return "public";
  const directive = schema.getDirective("auth");
  if (!directive) throw new GraphQLError("schema.graphql does not declare @auth");
  const rules = nodes
    .filter((node) => node.name.value === "auth")
    .map((node): Rule => {
      const args = getArgumentValues(directive, node) as {
        permission?: string[];
        on: AuthScope;
        id?: string;
        when?: string;
        unless?: string;
        orSelf?: string;
      };
      for (const key of args.permission ?? []) assertKnown(name, key);
      return {
        permissions: args.permission ?? [],
        on: args.on,
        id: args.id?.split("|") ?? [],
        when: args.when?.split("|"),
        unless: args.unless?.split("|"),
        ...(args.orSelf === undefined ? {} : { orSelf: args.orSelf }),
      };
    });
  if (rules.length === 0) throw new GraphQLError(`${name} has no access rule: add @auth or @public`);
  return rules;
}

/** Throws if a rule of `field` names an unknown permission. */
export function assertKnown(field: string, key: string) {
  const keys = key.startsWith("{scope}") ? inEveryScope(key) : [key];
  for (const one of keys) {
    if (!(one in permissions)) throw new GraphQLError(`${field}: @auth names ${one}, which is not a permission`);
  }
}

/** A "{scope}" key for every level that has such a permission. Workspaces, Deployments and the platform must. */
function inEveryScope(key: string): string[] {
  const keys = houstonReach.levels.map(({ name }) => key.replace("{scope}", name.toLowerCase()));
  return keys.filter((one) => one in permissions || !one.startsWith("organization."));
}

/**
 * The value of a string argument; dots in `path` lead to fields of inputs. "" counts as omitted, because clients send
 * it.
 */
export function textAt(args: Record<string, unknown>, path: string): string | undefined {
  const value = valueAt(args, path);
  return typeof value === "string" && value !== "" ? value : undefined;
}

const valueAt = (args: Record<string, unknown>, path: string): unknown =>
  path.split(".").reduce<unknown>((part, key) => (part as typeof args | null | undefined)?.[key], args);

/** True if the argument is given; "", an empty list and false count as omitted, because they ask for nothing. */
function isProvided(args: Record<string, unknown>, path: string): boolean {
  const value = valueAt(args, path);
  return Array.isArray(value)
    ? value.length > 0
    : value !== undefined && value !== null && value !== "" && value !== false;
}

/** The rules that apply to a call. */
export const applying = (rules: readonly Rule[], args: Record<string, unknown>): readonly Rule[] =>
  rules.filter(
    ({ when, unless }) =>
      (when === undefined || when.some((path) => isProvided(args, path))) &&
      !unless?.some((path) => isProvided(args, path)),
  );

/** The argument that identifies a rule's row: the first of `paths` that is provided. */
export const namedBy = (paths: readonly string[], args: Record<string, unknown>): string | undefined =>
  paths.find((path) => textAt(args, path) !== undefined);

/** The rule's keys for a row of the given level. */
export const keysFor = (rule: Rule, level: string): Permission[] =>
  rule.permissions.map((key) => key.replace("{scope}", level.toLowerCase()) as Permission);
