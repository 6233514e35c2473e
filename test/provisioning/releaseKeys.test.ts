import { describe, expect, it } from "vitest";
import { secretBox } from "../../src/platform/secrets/secretBox.ts";
import { databaseNameOf } from "../../src/services/provisioning/databases/releaseDatabase.ts";
import { newReleaseKeys, openReleaseKeys } from "../../src/services/provisioning/reconcile/releaseKeys.ts";
import { testSecret } from "../support/app.ts";

const box = secretBox([testSecret]);

describe("the keys of a release", () => {
  it("S2: open in the row of their Deployment only", () => {
    const sealed = newReleaseKeys(box, "blue");
    expect(openReleaseKeys(box, "blue", sealed).fernetKey).toMatch(/^[\w-]{43}=$/);
    expect(() => openReleaseKeys(box, "green", sealed)).toThrow("No key in encryption.keys opens the value of");
  });

  it("differ from one another, and from those of every other release", () => {
    const all = ["blue", "green"].flatMap((id) => Object.values(openReleaseKeys(box, id, newReleaseKeys(box, id))));
    expect(new Set(all).size).toBe(10);
  });
});

describe("databaseNameOf", () => {
  it("gives every release a name of its own that PostgreSQL does not shorten", () => {
    expect(databaseNameOf("quasar-1234")).toBe("quasar_1234_airflow");
    const [one, other] = ["a", "b"].map((end) => databaseNameOf(`${"long-".repeat(11)}${end}`));
    expect(one).toHaveLength(63);
    expect(one).not.toBe(other);
    const reserved = databaseNameOf(`pg-${"long-".repeat(11)}a`);
    expect(reserved).toMatch(/^_pg_long_.{54}$/);
  });
});
