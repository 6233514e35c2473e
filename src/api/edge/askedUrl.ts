import type { IncomingHttpHeaders } from "node:http";

/**
 * The URL that an ingress asks about: `x-original-url` (nginx), `x-forwarded-proto`, `-host` and `-uri` (Traefik), or the host
 * and the path itself, after that of the route (Envoy). Undefined if none is given, and if several are and differ: a client can
 * send the form that its ingress does not set, and would choose what it is asked about.
 */
export function askedUrl(headers: IncomingHttpHeaders, path = ""): string | undefined {
  const proto = one(headers["x-forwarded-proto"]) ?? "https";
  const forms = [
    one(headers["x-original-url"]),
    urlOf(proto, one(headers["x-forwarded-host"]), one(headers["x-forwarded-uri"])),
    urlOf(proto, one(headers.host), path === "" ? undefined : path),
  ].filter((url) => url !== undefined);
  const [url] = forms;
  return new Set(forms.map(plain)).size === 1 ? url : undefined;
}

const urlOf = (proto: string, host: string | undefined, path: string | undefined) =>
  host === undefined || path === undefined ? undefined : `${proto}://${host}${path}`;

/** No URL contains a space, and Node joins a header that was sent twice with ", ". */
const one = (value: string | string[] | undefined) =>
  typeof value === "string" && /^\S+$/.test(value) ? value : undefined;

/** Without what does not decide where a request goes. */
const plain = (url: string) => url.replace(/^https?:/i, "").replace(/[?#].*$/, "");
