import { z } from "zod";
import { conflictOn } from "../../platform/errors/conflictOn.ts";
import { EmailAddress, labelOf } from "../../platform/input/input.ts";

/** The maximum length of an Organization's name, as in the contract of the Platform API. */
const MAX_NAME = 50;

/** An Organization's name, unique in the installation. */
export const OrganizationName = labelOf(MAX_NAME);

/** Where invoices would go; may be empty. */
export const BillingEmail = z.union([z.literal(""), EmailAddress], "must be an e-mail address or empty");

/** The CONFLICT for a name that another Organization has. */
export const organizationNameConflict = () => conflictOn("name", "is already in use by another Organization");
