import { canonicalAddress } from "./emailAddress.ts";

/** Who an e-mail is from. */
export interface Sender {
  name: string;
  address: string;
}

/** The sender given as `address` or `Name <address>`; undefined without a valid address. */
export function parseSender(text: string): Sender | undefined {
  const [, name = "", inner] = /^([^<>\r\n]*)<([^<>\r\n]*)>\s*$/.exec(text) ?? [];
  const address = canonicalAddress(inner ?? text);
  return address === undefined ? undefined : { name: name.trim().replace(/^"(.*)"$/, "$1"), address };
}
