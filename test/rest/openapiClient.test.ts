import { OpenAPIClientAxios } from "openapi-client-axios";
import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { url, build, db } = await testHouston();

// biome-ignore lint/suspicious/noExplicitAny: a test states the shape it expects.
type Method = (parameters: object, body?: object) => Promise<{ status: number; data: any }>;

describe("openapi-client-axios", () => {
  it("calls the operations of the served document by their IDs", async () => {
    const admin = await build.systemAdmin();
    const api = new OpenAPIClientAxios({
      definition: `${url}/platform/v1beta1/openapi.json`,
      axiosConfigDefaults: {
        baseURL: `${url}/platform/v1beta1`,
        headers: { authorization: `Bearer ${admin.token}` },
        // Lists as OpenAPI has them unless the document says otherwise: a=1&a=2. Axios writes a[]=1&a[]=2.
        paramsSerializer: { indexes: null },
      },
    });
    const client = (await api.init()) as unknown as Record<string, Method>;
    const call = (id: string, ...args: Parameters<Method>) => {
      const method = client[id];
      if (!method) throw new Error(`There is no method ${id}`);
      return method(...args);
    };

    const { data: listed } = await call("listOrganizations", { limit: 1, sorts: ["name:asc", "createdAt:desc"] });
    expect(listed).toMatchObject({ totalCount: 1, limit: 1 });
    const organizationId = listed.organizations[0].id;

    const { data: created } = await call("createWorkspace", { organizationId }, { name: "Blue" });
    const { id: workspaceId } = created;
    const names = { organizationId, names: ["Blue", "Green"] };
    expect((await call("listWorkspaces", names)).data.workspaces).toMatchObject([{ id: workspaceId, name: "Blue" }]);

    const change = { name: "Green", description: "Trees", cicdEnforcedDefault: true };
    await call("updateWorkspace", { organizationId, workspaceId }, change);
    expect((await call("getWorkspace", { organizationId, workspaceId })).data).toMatchObject(change);
    expect(await db.workspace.findUnique({ where: { id: workspaceId } })).toMatchObject({ label: "Green" });

    expect((await call("deleteWorkspace", { organizationId, workspaceId })).status).toBe(204);
    const again = call("deleteWorkspace", { organizationId, workspaceId });
    await expect(again).rejects.toMatchObject({ response: { status: 404, data: { statusCode: 404 } } });
  });
});
