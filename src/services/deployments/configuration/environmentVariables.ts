import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import type { EnvironmentVariable, Prisma } from "../../../generated/prisma/client.ts";
import { badInput } from "../../../platform/errors/appError.ts";

/** Maximum number of environment variables of a Deployment, and the rule in words. */
export const MAX_VARIABLES = 1000;
export const VARIABLES = "must be a list of at most 1,000 variables";
const MAX_BYTES = 64 * 1024;
const fits = (text: string) => Buffer.byteLength(text) <= MAX_BYTES;

const KEY = "must be 1 to 255 letters, digits and underscores, not starting with a digit";
const VALUE = "must be a string of at most 64 KiB";

const Variable = z.strictObject(
  {
    key: z
      .string(KEY)
      .max(255, KEY)
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, KEY),
    value: z.string(VALUE).refine(fits, VALUE).nullish(),
    isSecret: z.boolean("must be true or false").nullish(),
  },
  "must be an object with key, value and isSecret",
);

/** The argument `environmentVariables`: the complete set, at most 1,000, with unique keys. */
export const VariablesInput = z
  .array(Variable, "must be a list of variables")
  .max(MAX_VARIABLES, VARIABLES)
  .superRefine((list, issues) => {
    const seen = new Set<string>();
    for (const [index, { key }] of list.entries()) {
      if (seen.has(key))
        issues.addIssue({ code: "custom", path: [index, "key"], message: `${key} is a duplicate key` });
      seen.add(key);
    }
  });

/** The context that an encrypted secret value is bound to. */
export const variableSecretOf = (deploymentId: string, key: string) => `EnvironmentVariable:${deploymentId}:${key}`;

/** Keys of the changed variables for the audit entry, without values. */
export interface VariableChanges {
  set: string[];
  removed: string[];
}

/**
 * Replaces a Deployment's environment variables by `list`; unchanged ones keep their rows. A secret with an empty value
 * keeps the stored secret. Throws BAD_USER_INPUT if there is none, or if a secret would become readable without a new
 * value; nothing is written in that case. The Deployment's row must be locked.
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
    if (isUnchanged(before, after, `environmentVariables.${index}.value`)) return [];
    const sealed = after.isSecret ? ctx.secrets.seal(after.value, variableSecretOf(deploymentId, key)) : after.value;
    const identity = before ? { id: before.id, createdAt: before.createdAt } : {};
    return [{ ...identity, deploymentId, key, value: sealed, isSecret: after.isSecret }];
  });
  const keys = new Set(list.map(({ key }) => key));
  const removed = rows.filter(({ key }) => !keys.has(key)).map(({ key }) => key);
  const set = changed.map(({ key }) => key);
  await tx.environmentVariable.deleteMany({ where: { deploymentId, key: { in: [...removed, ...set] } } });
  await tx.environmentVariable.createMany({ data: changed });
  return { set, removed };
}

/** True if the stored row need not be changed. */
function isUnchanged(
  before: EnvironmentVariable | undefined,
  after: { value: string; isSecret: boolean },
  argument: string,
): boolean {
  if (after.value === "" && after.isSecret) {
    if (before?.isSecret) return true;
    throw badInput(argument, "is required for a new secret");
  }
  if (after.value === "" && before?.isSecret) {
    throw badInput(argument, "is required: a stored secret cannot become readable without a new value");
  }
  return before !== undefined && !before.isSecret && !after.isSecret && before.value === after.value;
}
