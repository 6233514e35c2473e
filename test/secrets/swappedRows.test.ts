import { expect, it } from "vitest";
import { reencrypt } from "../../src/platform/secrets/reencrypt.ts";
import { secretBox } from "../../src/platform/secrets/secretBox.ts";
import { encryptedColumns } from "../../src/services/encryptedColumns.ts";
import { testSecret } from "../support/app.ts";
import { testHouston } from "../support/houston.ts";
import { secretPlaceSettings, secretPlaces } from "../support/secretPlaces.ts";

const { url, build, db, app } = await testHouston(secretPlaceSettings);
const { pool } = app.services;
const places = [await secretPlaces(db, build), await secretPlaces(db, build)].flat();
for (const place of places) await place.write(url);

/**
 * Platform has one row. Waiting e-mails share one context: each contains whom it is for, so it can only be sent twice. The keys
 * that sign tokens have a test of their own (test/signing), and so have ID tokens (test/signOn), kubeconfigs and the keys of
 * releases (test/provisioning).
 */
const others = [
  ...["Platform.setupTokenEncrypted", "_private_jobs.payload.sealed", "SigningKey.privateKeyEncrypted"],
  ...["Session.idTokenEncrypted", "Cluster.kubeconfig", "Provision.keys"],
];
const withRows = encryptedColumns.filter(({ name }) => !others.includes(name));

it.each(withRows)("S2: values that were swapped between two rows are refused: $name", async (column) => {
  const of = places.filter((place) => place.column === column.name);
  const [one, other] = await Promise.all(of.map((place) => place.sealed()));
  const swap = () =>
    pool.query(
      `UPDATE ${column.table} SET ${column.replace}
       FROM (VALUES ($1, $2), ($2, $1)) AS swapped (old_value, new_value) WHERE ${column.value} = old_value`,
      [one, other],
    );
  const box = secretBox([testSecret]);
  await swap();
  const { unreadable } = await reencrypt(pool, box, [column]);
  expect(unreadable).toHaveLength(2);
  for (const place of of) await expect(place.read(box)).rejects.toThrow("No key in encryption.keys opens the value of");
  await swap();
  expect(await reencrypt(pool, box, [column])).toMatchObject({ unreadable: [] });
});
