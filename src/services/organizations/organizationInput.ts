import { z } from "zod";
import { conflictOn } from "../../platform/errors/conflictOn.ts";
import { addressToFind, canonicalAddress } from "../../platform/input/emailAddress.ts";
import { labelOf } from "../../platform/input/input.ts";

/** The maximum length of an Organization's name, as in the contract of the Platform API. */
const MAX_NAME = 50;

/** An Organization's name, unique in the installation. */
export const OrganizationName = labelOf(MAX_NAME);

const MAX_EMAIL = 254;
const BILLING_EMAIL = "must be an e-mail address or empty";

/** Where invoices would go; may be empty. */
export const BillingEmail = z
  .string(BILLING_EMAIL)
  .trim()
  .max(MAX_EMAIL, `must be an e-mail address of at most ${MAX_EMAIL} characters`)
  .overwrite(addressToFind)
  .refine((text) => text === "" || text.length > MAX_EMAIL || canonicalAddress(text) !== undefined, BILLING_EMAIL)
  .describe("An e-mail address, or empty.");

/** The CONFLICT for a name that another Organization has. */
export const organizationNameConflict = () => conflictOn("name", "is already in use by another Organization");
