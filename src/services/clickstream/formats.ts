import { canonicalAddress } from "../../platform/input/emailAddress.ts";
import { isPlainUrl } from "../../platform/input/plainUrl.ts";

/** What the string of a field must look like. */
interface Format {
  accepts(text: string): boolean;
  message: string;
  /** It says where data and secrets are sent to, so that only a Connection may have it. */
  isDestination: boolean;
}

const pattern = (regex: RegExp, message: string, isDestination = false): Format => ({
  accepts: (text) => regex.test(text),
  message,
  isDestination,
});

const host = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;

/** Headers that describe the request itself. */
const requestHeader = /^(connection|content-length|content-type|host|te|trailer|transfer-encoding|upgrade)$/i;
const headerName = /^[\w!#$%&'*+.^`|~-]{1,100}$/;

const formats = {
  url: {
    accepts: (text) => text.length <= 2048 && isPlainUrl(text),
    message: "must be an http or https URL of at most 2,048 characters, without user, password or fragment",
    isDestination: true,
  },
  host: pattern(host, "must be a DNS name or an IPv4 address, without scheme, port or path", true),
  // It becomes a part of a host: nothing that could end the part is allowed.
  subdomain: pattern(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i,
    "must be a subdomain of 1 to 63 letters, digits and hyphens",
    true,
  ),
  awsRegion: pattern(/^[a-z]{2}(-[a-z]{2,12}){1,2}-\d{1,2}$/, "must be an AWS region such as us-east-1", true),
  bucket: pattern(
    /^[a-z0-9]([a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]$/,
    "must be a bucket name of 3 to 63 lowercase letters, digits, hyphens and single dots",
    true,
  ),
  email: {
    accepts: (text) => canonicalAddress(text) !== undefined,
    message: "must be an e-mail address such as name@example.com",
    isDestination: false,
  },
  digits: pattern(/^\d{1,20}$/, "must be a string of 1 to 20 digits"),
  measurementId: pattern(/^G-[A-Z0-9]{4,20}$/, "must be a measurement ID such as G-ABC123DEF4"),
  mailchimpKey: pattern(
    /^[0-9a-f]{32}-[a-z]{2,5}\d{1,3}$/,
    "must be 32 hexadecimal digits, a hyphen and a data center such as us6",
  ),
  sqlName: pattern(
    /^[a-z_][a-z0-9_]{0,126}$/i,
    "must be an SQL name of 1 to 127 letters, digits and underscores that does not start with a digit",
  ),
  headerName: {
    accepts: (text) => headerName.test(text) && !requestHeader.test(text),
    message:
      "must be the name of an HTTP header of at most 100 characters that does not describe the request, such as X-Key",
    isDestination: false,
  },
  headerValue: pattern(
    /^[!-~]([ -~]*[!-~])?$/,
    "must be the value of an HTTP header: printable ASCII characters, without spaces at the start or end",
  ),
} satisfies Record<string, Format>;

/** The name of a format, as data files contain it. */
export type FormatName = keyof typeof formats;

/** All names. */
export const formatNames = Object.keys(formats) as FormatName[];

/** The format with this name. */
export const formatOf = (name: FormatName): Format => formats[name];
