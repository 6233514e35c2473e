import { expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { entraUser, scimClient } from "../support/scim.ts";

const houston = await testHouston();
await houston.build.systemAdmin();
const client = await scimClient(houston);

it("bounds the filters of one PATCH of a user, which are compared with every value", async () => {
  const { id } = (await client.post("/Users", entraUser())).body;
  const filter = Array.from({ length: 200 }, () => 'value eq "x"').join(" or ");
  const remove = { op: "remove", path: `ims[${filter}]` };
  expect((await client.patch(`/Users/${id}`, remove, remove)).status).toBe(200);
  const tooMany = { status: 400, body: { scimType: "tooMany" } };
  expect(await client.patch(`/Users/${id}`, remove, remove, remove)).toMatchObject(tooMany);
  const unnamed = { op: "add", value: { [`ims[${filter}].display`]: "x" } };
  expect(await client.patch(`/Users/${id}`, unnamed, unnamed, unnamed)).toMatchObject(tooMany);
});

it("bounds the names of attributes, also in the body of a search", async () => {
  for (const parameter of ["attributes", "excludedAttributes"]) {
    const names = (count: number) => ({ count: 1, [parameter]: Array(count).fill("ims.value") });
    expect((await client.post("/Users/.search", names(800))).status).toBe(200);
    const { status, body } = await client.post("/Users/.search", names(1_000));
    expect([status, body.detail]).toEqual([400, expect.stringContaining(parameter)]);
  }
});

it("bounds the size of a user, of which a page has 1,000", async () => {
  const entitlements = (count: number) => Array.from({ length: count }, (_, n) => ({ value: `${n}`.padEnd(1_000) }));
  const { status, body } = await client.post("/Users", entraUser({ entitlements: entitlements(50) }));
  expect(status).toBe(201);
  const tooLarge = { status: 400, body: { scimType: "invalidValue" } };
  expect(await client.post("/Users", entraUser({ entitlements: entitlements(100) }))).toMatchObject(tooLarge);
  const add = { op: "add", path: "roles", value: entitlements(50) };
  expect(await client.patch(`/Users/${body.id}`, add)).toMatchObject(tooLarge);
});
