import type { Permission } from "../../src/access/permissions.ts";

/** A permission on the Organization in the header, without its level. */
export type AlphaKey = Permission extends infer Key ? (Key extends `organization.${infer Rest}` ? Rest : never) : never;

/** A call of a field, and who may make it. */
interface Call {
  args: Record<string, unknown>;
  needs: "public" | "signedIn" | AlphaKey;
}

const call = (needs: Call["needs"], args: Call["args"] = {}): Call[] => [{ args, needs }];

/** Calls of every root field of the alpha API, one for each rule about it. */
export const alphaCalls: Readonly<Record<string, readonly Call[]>> = {
  createToken: call("public", { username: "nobody@example.com", password: "a password" }),
  createNewUser: call("public", { email: "nobody@example.com", password: "a password" }),
  organizations: call("signedIn"),
  createOrganization: call("signedIn", { name: "Blue" }),
  updateOrganization: [
    ...call("config.update", { name: "Blue" }),
    ...call("config.update", { billingEmail: "billing@example.com" }),
    ...call("config.update"),
    ...(["addUsers", "removeUsers", "addOwners", "removeOwners"] as const).flatMap((list) =>
      call("iam.update", { [list]: ["ada@example.com"] }),
    ),
    ...call("config.delete", { delete: true }),
  ],

  clickstreamPrototypes: call("signedIn"),
  applications: call("pipelines.get"),
  connections: call("pipelines.get"),
  integrations: call("pipelines.get"),
  createApplication: call("pipelines.update", { name: "Shop", platform: "server", orgId: "" }),
  updateApplication: call("pipelines.update", { appId: "any" }),
  createConnection: call("pipelines.update", {
    ...{ integrationCode: "webhook", connectionPrototypeId: "webhook-1", details: {}, name: "Events", orgId: "" },
  }),
  updateConnection: call("pipelines.update", { connectionId: "any" }),
  createIntegration: call("pipelines.update", {
    ...{ appId: "any", integrationCode: "webhook", configPayload: {}, connectionId: "any", name: "Events" },
  }),
  updateIntegration: call("pipelines.update", { integrationId: "any" }),

  apiKeys: call("serviceAccounts.get"),
  createApiKey: call("serviceAccounts.update", { name: "Router" }),
  updateApiKey: call("serviceAccounts.update", { apiKeyId: "nothing", name: "Router" }),
  rotateApiKey: call("serviceAccounts.update", { apiKeyId: "nothing" }),
  revokePreviousApiKey: call("serviceAccounts.update", { apiKeyId: "nothing" }),
};
