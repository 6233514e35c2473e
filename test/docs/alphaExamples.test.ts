import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { createAlpha } from "../support/alpha.ts";
import { testHouston } from "../support/houston.ts";

const { url, build } = await testHouston();
const { organization, owner } = await build.organization();
const send = createAlpha(url)(owner, { organization: organization.id }).send;

/** The section about Clickstream, and its examples. */
const section = /^## Clickstream\n(.*?)^## /ms.exec(readFileSync("docs/alpha-api.md", "utf8"))?.[1] ?? "";
const examples = [...section.matchAll(/^```graphql\n(.*?)^```/gms)].map(([, example = ""]) => example);

it("the printed examples about Clickstream run in order, each with the IDs that those before it returned", async () => {
  const ids: Record<string, string> = { orgId: organization.id };
  const named = { createApplication: "appId", createConnection: "connectionId", createIntegration: "integrationId" };
  const fields: string[] = [];
  for (const example of examples) {
    const document = example.replaceAll(/<(\w+)>/g, (_, name: string) => ids[name] ?? expect.fail(`<${name}>`));
    const { data, errors } = await send(document);
    expect(errors, example).toBeUndefined();
    for (const [field, answer] of Object.entries<{ success: boolean; message: string; id: string }>(data)) {
      fields.push(field);
      if (Array.isArray(answer)) expect(answer, field).not.toHaveLength(0);
      else expect(answer, answer.message).toMatchObject({ success: true });
      if (field in named) ids[named[field as keyof typeof named]] = answer.id;
    }
  }
  expect(fields).toEqual(
    expect.arrayContaining([
      "clickstreamPrototypes",
      ...Object.keys(named),
      "updateConnection",
      "integrations",
      "delete",
    ]),
  );
});
