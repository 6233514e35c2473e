import type { GraphQLSchema } from "graphql";
import { pino } from "pino";
import { expect, it } from "vitest";
import { createApp } from "../../src/app.ts";
import { testHouston } from "../support/houston.ts";

it("a start that fails after the job worker has begun stops it, and ends", async () => {
  const { config } = await testHouston();
  const none = {} as GraphQLSchema;
  await expect(createApp(config, { log: pino({ level: "silent" }), alphaSchema: none })).rejects.toThrow("schema");
});
