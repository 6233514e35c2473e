import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { revokePreviousKey } from "../serviceAccounts/revokePreviousKey.ts";
import { Rotation, rotateKey } from "../serviceAccounts/rotateKey.ts";
import { apiKeyNotFound } from "./apiKey.ts";

const ApiKey = z.object({ organizationId: IdOf, apiKeyId: IdOf });
const Input = ApiKey.extend(Rotation);

/** Rotates an API key of an Organization, see rotateKey.ts. Throws NOT_FOUND if the Organization has no such key. */
export async function rotateApiKey(ctx: Context, input: unknown): Promise<{ id: string; apiKey: string }> {
  const { apiKeyId: id, ...rotation } = parse(Input, input);
  return rotateKey(ctx, { ...rotation, id, action: "rotateApiKey", notFound: apiKeyNotFound });
}

/** Revokes the key from before the last rotation. Throws NOT_FOUND if there is none that is still valid. */
export async function revokePreviousApiKey(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { apiKeyId: id, organizationId } = parse(ApiKey, input);
  const action = "revokePreviousApiKey";
  await revokePreviousKey(ctx, { id, organizationId, action, argument: "apiKeyId", notFound: apiKeyNotFound });
  return { id };
}
