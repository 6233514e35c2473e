import type { Prisma } from "../../generated/prisma/client.ts";
import { usernameKey } from "../users/usernameKey.ts";
import type { Resource } from "./resource.ts";
import { ScimError } from "./scimError.ts";

/** A row of ScimUser. */
export interface ScimUserRow {
  userId: string;
  userName: string;
  externalId: string | null;
  active: boolean;
  attributes: Prisma.JsonObject;
  createdAt: Date;
  updatedAt: Date;
}

/** A team of the provider that a user belongs to. */
export interface Membership {
  value: string;
  display: string;
}

/** The attributes that clients can set, as the resource has them. */
export function resourceOf({ userName, externalId, active, attributes }: ScimUserRow): Resource {
  return { userName, ...(externalId === null ? {} : { externalId }), active, ...(attributes as Resource) };
}

/** Maximum length of the attributes of a user as JSON, in characters: a page of 1,000 users must fit in memory. */
const MAX_ATTRIBUTES = 65_536;

/** The columns that hold a resource. A resource without `active` is active. Throws invalidValue for one that is too large. */
export function columnsOf({ userName, externalId, active, ...attributes }: Resource) {
  if (JSON.stringify(attributes).length > MAX_ATTRIBUTES) {
    const max = MAX_ATTRIBUTES.toLocaleString("en");
    throw new ScimError("invalidValue", `body: the attributes of a user must have at most ${max} characters as JSON`);
  }
  return {
    userName: userName as string,
    userNameKey: usernameKey(userName as string),
    externalId: (externalId as string | undefined) ?? null,
    active: (active as boolean | undefined) ?? true,
    attributes: attributes as Prisma.InputJsonObject,
  };
}
