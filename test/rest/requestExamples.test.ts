import { describe, expect, it } from "vitest";
import { routes } from "../../src/api/rest/routes.ts";
import { testHouston } from "../support/houston.ts";
import { examples } from "./examples.ts";

const { url, build, db } = await testHouston();
const platform = `${url}/platform/v1beta1`;
const admin = await build.systemAdmin();
const requests = await examples(build, db);

// biome-ignore lint/suspicious/noExplicitAny: a test states the shape it expects.
const document: any = await (await fetch(`${platform}/openapi.json`)).json();

describe("the example of a request in the document", () => {
  it.each(routes.filter(({ body }) => body).map((route) => [route.operationId, route] as const))(
    "works once its IDs are replaced: %s",
    async (operationId, { method, path }) => {
      const { example } = document.paths[path][method.toLowerCase()].requestBody.content["application/json"];
      expect(example).toBeTypeOf("object");
      const target = requests.of(operationId);
      const workspaceId = target.body?.workspaceId;
      const body = { ...example, ...("workspaceId" in example && { workspaceId }) };
      const answer = await fetch(`${platform}${target.path}`, {
        method,
        headers: { authorization: `Bearer ${admin.token}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      expect([answer.status, await answer.json()]).toMatchObject([200, { name: example.name }]);
    },
  );
});
