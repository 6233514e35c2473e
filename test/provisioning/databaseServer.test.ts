import { expect, it } from "vitest";
import { provisionedHouston } from "../support/provisioned.ts";

const houston = await provisionedHouston({
  deployments: { database: { connection: { host: "127.0.0.1", port: 1, password: "canary-password" } } },
});

it("names the database server if that is what a Deployment waits for", async () => {
  const { id } = await houston.create();
  await houston.settled();
  expect(await houston.db.deployment.findUniqueOrThrow({ where: { id } })).toMatchObject({
    status: "UNHEALTHY",
    statusReason: "The database server of Deployments cannot be used: ECONNREFUSED",
  });
});
