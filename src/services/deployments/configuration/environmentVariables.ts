import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import type { EnvironmentVariable, Prisma } from "../../../generated/prisma/client.ts";
import { badInput } from "../../../platform/errors/appError.ts";

const MAX_VARIABLES = 1000;
const MAX_BYTES = 64 * 1024;
const bytes = (text: string) => Buffer.byteLength(text) <= MAX_BYTES;

const Variable = z.strictObject(
  {
    key: z
      .string("needs a name")
      .max(255, "needs at most 255 characters")
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "needs letters, digits and underscores, not starting with a digit"),
    value: z.string("needs a text").refine(bytes, "needs at most 64 KiB").nullish(),
    isSecret: z.boolean("needs true or false").nullish(),
  },
  "needs an object with key, value and isSecret",
);

/** The argument `environmentVariables`: the whole set, at most 1,000, each key once. */
export const VariablesInput = z
  .array(Variable, "needs a list")
  .max(MAX_VARIABLES, "needs at most 1,000 variables")
  .superRefine((list, issues) => {
    const seen = new Set<string>();
    for (const [index, { key }] of list.entries()) {
      if (seen.has(key)) issues.addIssue({ code: "custom", path: [index, "key"], message: `${key} is given twice` });
      seen.add(key);
    }
  });

/** What a secret value is sealed for. */
export const variableSecretOf = (deploymentId: string, key: string) => `EnvironmentVariable:${deploymentId}:${key}`;

/** Names of what a replacement did, for the audit entry; values never. */
export interface VariableChanges {
  set: string[];
  removed: string[];
}

/**
 * Makes `list` the whole set of a Deployment's environment variables; those that stay as they are keep their rows. A
 * secret with an empty value keeps the stored secret. Throws BAD_USER_INPUT when there is none, or when a secret is to
 * become readable without a new value; nothing is written then. The caller has locked the Deployment's row.
 */
export async function replaceVariables(
  ctx: Context,
  tx: Prisma.TransactionClient,
  deploymentId: string,
  list: z.output<typeof VariablesInput>,
): Promise<VariableChanges> {
  const rows = await tx.environmentVariable.findMany({ where: { deploymentId } });
  const stored = new Map(rows.map((row) => [row.key, row]));
  const changed = list.flatMap(({ key, value, isSecret }, index) => {
    const before = stored.get(key);
    const after = { value: value ?? "", isSecret: isSecret ?? false };
    if (staysAsItIs(before, after, `environmentVariables.${index}.value`)) return [];
    const sealed = after.isSecret ? ctx.secrets.seal(after.value, variableSecretOf(deploymentId, key)) : after.value;
    const kept = before ? { id: before.id, createdAt: before.createdAt } : {};
    return [{ ...kept, deploymentId, key, value: sealed, isSecret: after.isSecret }];
  });
  const given = new Set(list.map(({ key }) => key));
  const removed = rows.filter(({ key }) => !given.has(key)).map(({ key }) => key);
  const set = changed.map(({ key }) => key);
  await tx.environmentVariable.deleteMany({ where: { deploymentId, key: { in: [...removed, ...set] } } });
  await tx.environmentVariable.createMany({ data: changed });
  return { set, removed };
}

/** True if the stored row serves as it is. */
function staysAsItIs(
  before: EnvironmentVariable | undefined,
  after: { value: string; isSecret: boolean },
  argument: string,
): boolean {
  if (after.value === "" && after.isSecret) {
    if (before?.isSecret) return true;
    throw badInput(argument, "a new secret needs a value");
  }
  if (after.value === "" && before?.isSecret) {
    throw badInput(argument, "needs a new value: a stored secret is never shown again");
  }
  return before !== undefined && !before.isSecret && !after.isSecret && before.value === after.value;
}
