import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { readOne, type Tree } from "../../query/read.ts";
import type { Resolver } from "../../query/resolver.ts";
import { selectionOf } from "../../query/selection.ts";
import { revokePreviousKey } from "./revokePreviousKey.ts";
import { Rotation, rotateKey } from "./rotateKey.ts";
import { accountNotFound } from "./serviceAccount.ts";

const Account = z.object({ serviceAccountUuid: IdOf });
const Input = Account.extend(Rotation);

const ours = { organizationId: null, notFound: accountNotFound };

/** Rotates the key of a service account, see rotateKey.ts. Throws NOT_FOUND also for API keys of Organizations. */
export const rotateServiceAccountKey: Resolver<Tree<"ServiceAccount"> | null, object> = async (_, args, ctx, info) => {
  const { serviceAccountUuid, ...rotation } = parse(Input, args);
  const { id, apiKey } = await rotateKey(ctx, {
    ...{ ...ours, ...rotation, id: serviceAccountUuid, action: "rotateServiceAccountKey" },
  });
  const account = await readOne(ctx, info, "ServiceAccount", { id });
  // Stored as a hash only, the key cannot be read back.
  const shown = selectionOf(info).filter(({ name }) => name === "apiKey");
  return account && { ...account, ...Object.fromEntries(shown.map(({ key }) => [key, apiKey])) };
};

/** Revokes the key from before the last rotation. Throws NOT_FOUND if there is none that is still valid. */
export async function revokePreviousServiceAccountKey(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { serviceAccountUuid: id } = parse(Account, input);
  const action = "revokePreviousServiceAccountKey";
  await revokePreviousKey(ctx, { ...ours, id, action, argument: "serviceAccountUuid" });
  return { id };
}
