import ipaddr from "ipaddr.js";
import { z } from "zod";

const RANGE = "must be a range of IPv4 or IPv6 addresses such as 203.0.113.0/24";

/** A range of addresses in CIDR notation; addresses are written as four decimal numbers, or as IPv6 has them. */
export const IpRange = z
  .string(RANGE)
  .max(64, RANGE)
  // ipaddr.js also reads octal and hexadecimal numbers, and addresses with fewer than four.
  .refine(
    (text) => /^(\d+\.\d+\.\d+\.\d+|[\da-fA-F:.]*:[\da-fA-F:.]*)\/\d+$/.test(text) && !/(^|\.)0\d/.test(text),
    RANGE,
  )
  .refine((text) => ipaddr.isValidCIDR(text), RANGE);
