import { z } from "zod";
import { parse } from "../../platform/errors/parse.ts";
import { canonicalAddress } from "../../platform/input/emailAddress.ts";
import { ownUsername, Username } from "../users/userInput.ts";
import type { Resource } from "./resource.ts";
import { type Complex, isPrimary } from "./values.ts";

/** What a SCIM user is to Houston. */
export interface Person {
  /** As it is stored; undefined if the provider sent none. */
  address: string | undefined;
  username: string;
  fullName: string;
}

/** Maximum length of a full name, in characters. */
const MAX_NAME = 200;

const Input = z.object({ userName: Username });

/**
 * The address is the primary e-mail, or else the first one for work, the first one, or the userName. The username is the
 * address, or the userName if there is none. Throws BAD_USER_INPUT for a userName that cannot be one.
 */
export function personOf(resource: Resource): Person {
  const address = addressOf(resource);
  return { address, username: address ?? usernameOf(resource), fullName: fullNameOf(resource) };
}

function addressOf({ emails, userName }: Resource): string | undefined {
  const given = (emails ?? []) as Complex[];
  const isWork = ({ type }: Complex) => typeof type === "string" && type.toLowerCase() === "work";
  const inOrder = [...given.filter(isPrimary), ...given.filter(isWork), ...given];
  const texts = [...inOrder.map(({ value }) => value), userName];
  return texts.map((text) => (typeof text === "string" ? canonicalAddress(text) : undefined)).find(Boolean);
}

function usernameOf({ userName: given }: Resource): string {
  const { userName } = parse(Input, { userName: given });
  return ownUsername(userName, [], "userName");
}

function fullNameOf({ displayName, name }: Resource): string {
  const { formatted, givenName, familyName } = (name ?? {}) as Complex;
  const parts = [givenName, familyName].filter(Boolean).join(" ");
  const chosen = [displayName, formatted, parts].find((one) => typeof one === "string" && one.trim() !== "");
  const printable = String(chosen ?? "").replace(/[\p{Cc}\p{Cs}]/gu, " ");
  return [...printable.trim()].slice(0, MAX_NAME).join("").trim();
}
