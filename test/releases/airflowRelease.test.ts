import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { DENIED } from "../support/outcome.ts";

const { as, build } = await testHouston();

const RELEASE = `query ($where: AirflowReleaseWhereUniqueInput!) { airflowRelease(where: $where) { tag version channel } }`;
describe("airflowRelease", () => {
  it.each([{ id: "2.9.3", tag: "" }, { tag: "2.9.3-buster-onbuild" }])(
    "returns the release for %j to every signed-in caller",
    async (where) => {
      const { data, errors } = await as(await build.user()).send(RELEASE, { where });
      expect(errors).toBeUndefined();
      expect(data.airflowRelease).toEqual({ tag: "2.9.3-buster-onbuild", version: "2.9.3", channel: "stable" });
    },
  );

  it.each([
    [{}, "where: must contain either id or tag", "BAD_USER_INPUT"],
    [{ id: "2.9.3", tag: "2.9.3-buster-onbuild" }, "where: must contain either id or tag", "BAD_USER_INPUT"],
    [{ id: "1.2.3" }, "where.id: not in the platform's file of Airflow versions", "NOT_FOUND"],
    [{ tag: "2.9.3" }, "where.tag: not in the platform's file of Airflow versions", "NOT_FOUND"],
  ])("rejects %j", async (where, message, code) => {
    const { errors } = await as(await build.user()).send(RELEASE, { where });
    expect(errors).toMatchObject([{ message, extensions: { code } }]);
  });

  it("denies service accounts of a Workspace and anonymous callers", async () => {
    const { workspace } = await build.workspace();
    const account = await build.serviceAccount({ role: "WORKSPACE_ADMIN", workspaceId: workspace.id });
    for (const someone of [account, undefined]) {
      const { errors } = await as(someone).send(RELEASE, { where: { id: "2.9.3" } });
      expect(errors).toMatchObject([{ message: DENIED }]);
    }
  });
});
