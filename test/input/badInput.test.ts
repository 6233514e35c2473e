import { describe, expect, it } from "vitest";
import { everyCall, missing } from "../clients/everyCall.ts";
import { complete, documentOf, isRequired, type Operation } from "../clients/spellings.ts";
import operations from "../contract/houston-operations.json" with { type: "json" };
import { outcomeOf } from "../support/outcome.ts";

const { build, db, valuesFor, send, isLeaf } = await everyCall();

const LONG = "x".repeat(100_000);
type Argument = Operation["args"][number];

/** Values of the argument's type that the field cannot accept. */
function badValues(kind: string, arg: Argument): unknown[] {
  const type = arg.type.replace("!", "");
  const needed = isRequired(arg);
  if (["Uuid", "Id", "ID"].includes(type)) return ["a\0b", ...(needed ? ["", "nowhere"] : [])];
  if (type === "String") return ["a\0b", ...(needed ? [""] : []), ...(kind === "mutation" ? [LONG] : [])];
  if (type === "JSON") return [{ a: "a\0b" }];
  return type === "Int" && needed ? [-1] : [];
}

/** Other outcomes of such values, with the reason. */
const otherwise: Record<string, string> = {
  // "" means omitted, as it does for IDs.
  'createDeployment.type ""': "ok",
  'updateDeploymentVariables.releaseName ""': "ok",
  'validateGitSyncCredentials.clusterId ""': "ok",
  // Sign-in does not say what was wrong.
  "createToken.identity long": "UNAUTHENTICATED",
  'createToken.password ""': "UNAUTHENTICATED",
  "createToken.password long": "UNAUTHENTICATED",
};

/**
 * A mark of all writes to each table: the number of its rows and the latest transaction in them. Of the audit log, only what was
 * done counts: failed attempts are recorded and counted on purpose.
 */
async function stored() {
  const tables = await db.$queryRaw<{ name: string }[]>`
    SELECT quote_ident(tablename) AS name FROM pg_tables
    WHERE schemaname = 'public' AND tablename NOT IN ('AuditEntry', 'AuditSeal', 'AuditChain', 'AttemptCount')`;
  const each = tables.map(({ name }) => `SELECT '${name}', count(*)::int, max(xmin::text::bigint)::text FROM ${name}`);
  each.push(`SELECT 'done', count(*)::int, NULL FROM "AuditEntry" WHERE outcome = 'DONE'`);
  return db.$queryRawUnsafe(each.join(" UNION ALL "));
}

describe("an invalid value", () => {
  const calls = operations.filter(({ kind, args }) => args.some((arg) => badValues(kind, arg).length > 0));

  it.each(calls)("is rejected with the name of the argument and stores nothing: $name", async (one) => {
    const admin = await build.systemAdmin();
    const hasExceptions = Object.keys(otherwise).some((title) => title.startsWith(`${one.name}.`));
    const values = await valuesFor(one.name);
    const before = await stored();
    for (const arg of one.args) {
      const required = one.args.filter(isRequired);
      const call = complete({ kind: one.kind, field: one.name, path: arg.name, type: arg.type, required });
      for (const bad of badValues(one.kind, arg)) {
        const given = hasExceptions ? await valuesFor(one.name) : values;
        const answer = await send(admin, documentOf(call, isLeaf(one)), { ...given, [arg.name]: bad });
        const outcome = outcomeOf(answer);
        const title = `${one.name}.${arg.name} ${bad === LONG ? "long" : JSON.stringify(bad)}`;
        const named = [arg.name, `${arg.name}.a`].flatMap((name) => [`BAD_USER_INPUT ${name}`, `NOT_FOUND ${name}`]);
        const expected = otherwise[title] ?? (named.includes(outcome) ? outcome : missing[one.name]);
        expect({ [title]: outcome }).toEqual({ [title]: expected ?? named[0] });
      }
    }
    if (!hasExceptions) expect(await stored()).toEqual(before);
  });
});
