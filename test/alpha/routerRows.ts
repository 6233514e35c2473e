import { randomBytes } from "node:crypto";
import type { SecretBox } from "../../src/platform/secrets/secretBox.ts";
import { sealDetails } from "../../src/services/clickstream/connectionDetails.ts";
import type { TestApp } from "../support/app.ts";

/** Factories for Applications, Connections and Integrations in an Organization. */
export function createRouterRows({ db, app }: Pick<TestApp, "db" | "app">) {
  const application = (organizationId: string, name = "Shop") => {
    const id = randomBytes(11).toString("hex").slice(0, 21);
    return db.application.create({ data: { id, organizationId, name, platform: "server" } });
  };

  /** A Connection whose details are encrypted with `box`, by default as the server does it. */
  async function connection(
    organizationId: string,
    details: Record<string, unknown>,
    { code = "webhook", box = app.services.secrets }: { code?: string; box?: SecretBox } = {},
  ) {
    const given = { organizationId, name: "Our hook", integrationCode: code, connectionPrototypeId: `${code}-1` };
    const { id } = await db.connection.create({ data: { ...given, details: "" } });
    return db.connection.update({ where: { id }, data: { details: sealDetails(box, id, details) } });
  }

  const integration = (
    applicationId: string,
    connectionId: string,
    configPayload: object = { events: [], batchSize: 1 },
    integrationCode = "webhook",
  ) => db.integration.create({ data: { applicationId, connectionId, name: "Orders", integrationCode, configPayload } });

  return { application, connection, integration };
}
