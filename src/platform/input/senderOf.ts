import { canonicalAddress } from "./emailAddress.ts";

/** The name and the address of a sender given as `address` or `Name <address>`; undefined without a valid address. */
export function senderOf(text: string): { name: string; address: string } | undefined {
  const [, name = "", inner] = /^([^<>\r\n]*)<([^<>\r\n]*)>\s*$/.exec(text) ?? [];
  const address = canonicalAddress(inner ?? text);
  return address === undefined ? undefined : { name: name.trim().replace(/^"(.*)"$/, "$1"), address };
}
