import { z } from "zod";
import type { Route } from "../routing/route.ts";
import { type Components, createComponents, type Part } from "./components.ts";
import { errorMeanings, RestError } from "./error.ts";
import { about, license, tags } from "./prose.ts";

/** The OpenAPI 3.0 document of routes that are served below `server`. Throws for routes that it cannot describe. */
export function createDocument(routes: readonly Route[], server: string): Part {
  const components = createComponents();
  const paths: { [path: string]: Part } = {};
  for (const route of routes) {
    const methods = paths[route.path] ?? {};
    paths[route.path] = methods;
    methods[route.method.toLowerCase()] = operationOf(route, components);
  }
  const used = new Set(routes.map(({ tag }) => tag));
  return {
    openapi: "3.0.3",
    info: { title: "Platform API", version: "v1beta1", description: about, license },
    servers: [{ url: server, description: "This Houston" }],
    security: [{ JWT: [] }],
    tags: tags.filter(({ name }) => used.has(name)),
    paths,
    components: {
      schemas: components.all(),
      securitySchemes: {
        JWT: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description: "The token of a user or the API key of a service account, without `Bearer`.",
        },
      },
    },
  };
}

function operationOf(route: Route, components: Components): Part {
  const { operationId, tag, summary, description, body, example } = route;
  const parameters = [...pathParameters(route), ...queryParameters(route, components)];
  return {
    operationId,
    tags: [tag],
    summary,
    ...(description && { description }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: json(components.schemaOf(body, "input"), example) } }),
    responses: responsesOf(route, components),
  };
}

const json = (schema: Part, example?: unknown) => ({
  "application/json": { schema, ...(example !== undefined && { example }) },
});

/** "organizationId" is the "ID of the Organization". */
const pathParameters = ({ path }: Route): Part[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    description: `ID of the ${name.charAt(0).toUpperCase()}${name.slice(1).replace(/Id$/, "")}.`,
    schema: { type: "string" },
  }));

function queryParameters({ query = z.strictObject({}) }: Route, components: Components): Part[] {
  const { properties, required = [] } = components.schemaOf(query, "input");
  return Object.entries(properties as { [name: string]: Part }).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    required: (required as string[]).includes(name),
    ...(description !== undefined && { description }),
    schema,
  }));
}

function responsesOf({ answer, errors }: Route, components: Components): Part {
  const error = json(components.schemaOf(RestError, "output"));
  return {
    ...(answer
      ? { 200: { description: "Success.", content: json(components.schemaOf(answer, "output")) } }
      : { 204: { description: "Success, without a body." } }),
    ...Object.fromEntries(errors.map((status) => [status, { description: errorMeanings[status], content: error }])),
  };
}
