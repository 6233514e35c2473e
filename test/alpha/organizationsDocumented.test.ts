import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { createAlpha } from "../support/alpha.ts";
import { testHouston } from "../support/houston.ts";
import { createMailbox } from "../support/mailbox.ts";

const mailbox = createMailbox();
const { build, url } = await testHouston({ email: { folder: mailbox.folder } });

const page = readFileSync(new URL("../../docs/alpha-api.md", import.meta.url), "utf8");
const section = page.split("## Organizations\n")[1]?.split("\n## ")[0] ?? "";
const documents = [...section.matchAll(/```graphql\n(.*?)```/gs)].map(([, document = ""]) => document);

it("the printed calls about Organizations work in order", async () => {
  const user = await build.user();
  const kinds: string[] = [];
  let organization: string | undefined;
  for (const document of documents) {
    const alpha = createAlpha(url)(user, organization === undefined ? {} : { organization });
    const { data, errors } = await alpha.send(document);
    expect(errors).toBeUndefined();
    for (const [field, answer] of Object.entries<{ success: boolean; id?: string }>(data)) {
      kinds.push(field);
      if (field === "organizations") continue;
      expect(answer, document).toMatchObject({ success: true });
      organization ??= answer.id;
    }
  }
  expect(kinds).toEqual(["organizations", "createOrganization", "updateOrganization"]);
  for (const name of ["grace", "ada", "barbara"])
    expect(await mailbox.token("join", `${name}@example.com`)).toEqual(expect.any(String));
});
