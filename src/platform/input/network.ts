import ipaddr from "ipaddr.js";

/** True for an IP address, or for a range in CIDR notation. */
export const isNetwork = (text: string): boolean =>
  // ipaddr.js also reads "10.1" and "0x0a000001", which are typing errors here.
  text.includes("/") ? ipaddr.isValidCIDR(text) : ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
