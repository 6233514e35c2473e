import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import type { Permission } from "../../../access/permissions.ts";
import { type AuthScope, assertKnown, type Rule } from "../../../access/rules.ts";
import type { CountedPage } from "../../../query/countedPage.ts";
import type { WriteDefinition } from "../../../query/defineWrite.ts";
import type { EntityName, TableOf } from "../../../query/entity.ts";
import type { Where } from "../../../query/where.ts";

/** The parameters in a path: those of "/organizations/{organizationId}" are `{ organizationId: string }`. */
export type ParamsOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { readonly [Key in Name]: string } & ParamsOf<Rest>
  : unknown;

/** A validated request. */
export interface Input<Path extends string = string, Query = Record<string, unknown>, Body = unknown> {
  params: ParamsOf<Path>;
  query: Query;
  body: Body;
}

/** What a route does, and with it its answer. */
export type Work<Given> =
  | { [Name in EntityName]: Read<Given, Name> | Write<Given, Name> }[EntityName]
  /** A use case; answers the row whose ID it returned, or nothing if the route answers 204. */
  | { run(ctx: Context, input: Given): Promise<unknown>; thenRead?: EntityName }
  /** A value that is no row. */
  | { compute(ctx: Context, input: Given): Promise<unknown> };

/** One row, or a page of a list with its number of rows, in one statement. */
interface Read<Given, Name extends EntityName> {
  read: Name;
  find(input: Given, ctx: Pick<Context, "config">): { where: Where<TableOf<Name>>; page?: CountedPage<TableOf<Name>> };
}

/** A write that is one statement; answers the written row, or nothing if the route answers 204. */
interface Write<Given, Name extends EntityName> {
  write: WriteDefinition<Name>;
  inputOf(input: Given): unknown;
}

/** One operation of the Platform API. */
export interface Route<
  Path extends string = string,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType,
> {
  operationId: string;
  tag: string;
  method: "GET" | "POST" | "DELETE";
  /** Below /platform/v1beta1. */
  path: Path;
  /** What it does, for the reader of the document. */
  summary: string;
  description?: string;
  /** Who may call it: all of these rules apply, those about the Organization first. */
  access: readonly Rule[];
  query?: Query;
  body?: Body;
  /** A valid body, which the page of the document offers to be sent. Without one, that page invents values. */
  example?: z.input<Body>;
  /** The schema of the answer, which has status 200; without one, the answer has status 204 and no body. */
  answer?: z.ZodType;
  /** The statuses of its errors. An error of any other status gets 400, or 403 if it is about the path. */
  errors: readonly (400 | 401 | 403 | 404 | 412 | 500)[];
  /** Arguments of the use case that have another name here: errors name the field of this API. */
  names?: Readonly<Record<string, string>>;
  /** The row in the path; a caller who cannot see it gets 404. */
  row?: { view: EntityName; id: string };
  work: Work<Input<Path, z.output<Query>, z.output<Body>>>;
}

/** Checks the types of a route. */
export const defineRoute = <const Path extends string, Query extends z.ZodObject, Body extends z.ZodType>(
  route: Route<Path, Query, Body>,
): Route => route as unknown as Route;

/** Anyone who belongs to the Organization in the path; system roles see all of them. */
export const inOrganization: Rule = {
  permissions: ["system.organizations.get"],
  on: "ORGANIZATION",
  id: ["organizationId"],
  when: undefined,
  unless: undefined,
  orMember: true,
};

/** Those who hold one of the permissions on the row that the argument identifies. */
export const holding = (on: AuthScope, argument: string, ...permissions: readonly Permission[]): Rule => ({
  permissions,
  on,
  id: on === "SYSTEM" ? [] : [argument],
  when: undefined,
  unless: undefined,
});

/** Anyone who is signed in. */
export const signedIn: Rule = holding("SYSTEM", "");

/**
 * Throws for a route that does not say who may call it, names an unknown permission or a row that its requests do not
 * identify, or exists twice: then the server does not start.
 */
export function assertRoutes(routes: readonly Route[]): void {
  const seen = new Set<string>();
  for (const { operationId, method, path, access, body } of routes) {
    if (!access?.length) throw new Error(`${method} ${path} (${operationId}) does not say who may call it`);
    for (const { permissions, id } of access) {
      for (const key of permissions) assertKnown(operationId, key);
      const unknown = id.find((name) => !path.includes(`{${name}}`) && !mayHave(body, name));
      if (unknown !== undefined) throw new Error(`${operationId}: a rule names ${unknown}, which no request has`);
    }
    for (const one of [operationId, `${method} ${path}`]) {
      if (seen.has(one)) throw new Error(`${one} exists twice`);
      seen.add(one);
    }
  }
}

/** Whether a body can have the field; kinds of schemas that are not known here may have any. */
function mayHave(body: z.core.$ZodType | undefined, name: string): boolean {
  if (body === undefined) return false;
  if (body instanceof z.ZodObject) return name in body.shape;
  return body instanceof z.ZodUnion ? body.options.every((option) => mayHave(option, name)) : true;
}
