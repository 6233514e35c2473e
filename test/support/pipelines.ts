import { createAlpha } from "./alpha.ts";
import type { Someone } from "./as.ts";
import type { Build } from "./build.ts";

/** The answer of a mutation of the alpha API. */
export interface StatusMessage {
  success: boolean;
  message: string;
  id: string | null;
  code: string | null;
}

/** A call of one mutation, with arguments and their types: `createApplication(name: String!)`. */
const documentOf = (call: string) => {
  const [, field = "", declared = ""] = /^(\w+)\((.*)\)$/.exec(call) ?? [];
  const names = declared.split(", ").map((one) => one.split(":")[0]);
  const variables = declared.split(", ").map((one) => `$${one}`);
  const args = names.map((name) => `${name}: $${name}`);
  return `mutation (${variables.join(", ")}) { answer: ${field}(${args.join(", ")}) { success message id code } }`;
};

const documents = {
  createApplication: documentOf("createApplication(name: String!, platform: String!, orgId: String!)"),
  updateApplication: documentOf("updateApplication(appId: String!, name: String, delete: Boolean)"),
  createConnection: documentOf(
    "createConnection(integrationCode: String!, details: JSON!, name: String!, " +
      "orgId: String!, connectionPrototypeId: String!)",
  ),
  updateConnection: documentOf("updateConnection(connectionId: String!, name: String, details: JSON, delete: Boolean)"),
  createIntegration: documentOf(
    "createIntegration(appId: String!, integrationCode: String!, configPayload: JSON!, " +
      "connectionId: String!, name: String!)",
  ),
  updateIntegration: documentOf(
    "updateIntegration(integrationId: String!, name: String, configPayload: JSON, " +
      "connectionId: String, delete: Boolean)",
  ),
};

/** Calls of the mutations for Applications, Connections and Integrations, with arguments that a test can override. */
export function createPipelines(url: string) {
  const alpha = createAlpha(url);

  /** Calls a mutation in an Organization. Fails if it is answered with a GraphQL error. */
  async function call(
    someone: Someone,
    organization: string | undefined,
    mutation: keyof typeof documents,
    variables: Record<string, unknown>,
  ): Promise<StatusMessage> {
    const header = organization === undefined ? {} : { organization };
    const { data, errors } = await alpha(someone, header).send(documents[mutation], variables);
    if (errors) throw new Error(JSON.stringify(errors));
    return data.answer;
  }

  const idOf = ({ id, success, message }: StatusMessage): string => {
    if (!success || id === null) throw new Error(message);
    return id;
  };

  type Given = Record<string, unknown>;
  const application = (orgId: string, given: Given = {}) => ({ name: "Shop", platform: "server", orgId, ...given });
  const connection = (orgId: string, given: Given = {}) => ({
    integrationCode: "webhook",
    connectionPrototypeId: "webhook-1",
    details: { url: "https://example.com/events", headerValue: "hush" },
    name: "Events",
    orgId,
    ...given,
  });
  const integration = (appId: string, connectionId: string, given: Given = {}) => ({
    ...{ appId, connectionId, integrationCode: "webhook", configPayload: {}, name: "All events", ...given },
  });

  return {
    call,
    /** Valid arguments. */
    args: { application, connection, integration },
    /** Create one and return its ID. */
    application: async (someone: Someone, orgId: string, given?: Given) =>
      idOf(await call(someone, orgId, "createApplication", application(orgId, given))),
    connection: async (someone: Someone, orgId: string, given?: Given) =>
      idOf(await call(someone, orgId, "createConnection", connection(orgId, given))),
    integration: async (someone: Someone, orgId: string, appId: string, connectionId: string, given?: Given) =>
      idOf(await call(someone, orgId, "createIntegration", integration(appId, connectionId, given))),
  };
}

/** Callers of every kind, seen from an Organization: those who may see, change, or do nothing with its pipelines. */
export async function buildCallers(build: Build) {
  const { organization, owner, member, outsider } = await build.organization();
  const other = await build.organization();
  const apiKey = (role: "ORGANIZATION_OWNER" | "ORGANIZATION_USER" | "ORGANIZATION_ROUTER") =>
    build.serviceAccount({ role, organizationId: organization.id });
  const foreign = "organization: you do not belong to this Organization";
  const denied = "You do not have the appropriate permissions for that";
  return {
    organization,
    owner,
    member,
    other,
    mayChange: {
      Owner: owner,
      User: member,
      "System Admin": await build.systemAdmin(),
      "API key of an Owner": await apiKey("ORGANIZATION_OWNER"),
      "API key of a User": await apiKey("ORGANIZATION_USER"),
    } as Record<string, { id: string; token: string }>,
    mayOnlySee: {
      "System Viewer": await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] }),
    } as Record<string, { id: string; token: string }>,
    denied: [
      ["nobody", undefined, "UNAUTHENTICATED", denied],
      ["someone whose token is invalid", { token: "nonsense" }, "UNAUTHENTICATED", denied],
      ["an outsider", outsider, "FORBIDDEN", foreign],
      ["the Owner of another Organization", other.owner, "FORBIDDEN", foreign],
      ["the API key of a router", await apiKey("ORGANIZATION_ROUTER"), "FORBIDDEN", denied],
      ["an Admin of a Workspace", (await build.workspace()).admin, "FORBIDDEN", foreign],
    ] as [string, Someone, string, string][],
  };
}
