import type { Fetch } from "./boundedFetch.ts";
import { type CachedDocument, cachedDocument } from "./cachedDocument.ts";

const DISCOVERY = "/.well-known/openid-configuration";

/** A document as it was received. */
interface Received {
  text: string;
  json: Record<string, unknown>;
}

/**
 * Fetches for sign-ins with one provider, whose metadata and keys are kept for all of them. The function it returns is for one
 * sign-in: if the ID token that it receives names a key that is not known, the keys are fetched again before the signature is
 * checked, once for all sign-ins of that moment.
 */
export function createProviderDocuments(fetchFromProvider: Fetch): () => Fetch {
  const documents = new Map<string, CachedDocument<Received>>();
  const documentAt = (url: string): CachedDocument<Received> => {
    const known = documents.get(url);
    if (known) return known;
    const document = cachedDocument(() => receive(url));
    documents.set(url, document);
    return document;
  };

  async function receive(url: string): Promise<Received> {
    const response = await fetchFromProvider(url, { headers: { accept: "application/json" } });
    if (response.status !== 200) throw new Error(`${url} answered with HTTP status ${response.status}`);
    const text = await response.text();
    return { text, json: JSON.parse(text) as Received["json"] };
  }

  return () => {
    let keysUrl: string | undefined;
    let keyId: unknown;
    return async (url, init) => {
      if (url.endsWith(DISCOVERY)) {
        const { text, json } = await documentAt(url).get();
        keysUrl = typeof json.jwks_uri === "string" ? json.jwks_uri : undefined;
        return asResponse(text);
      }
      if (url === keysUrl) return asResponse((await keysWith(documentAt(url), keyId)).text);
      const response = await fetchFromProvider(url, init);
      if (init.method === "POST") keyId = await keyIdIn(response.clone());
      return response;
    };
  };
}

const asResponse = (text: string) => new Response(text, { headers: { "content-type": "application/json" } });

async function keysWith(document: CachedDocument<Received>, keyId: unknown): Promise<Received> {
  const known = await document.get();
  if (keyId === undefined) return known;
  const { keys } = known.json;
  const isKnown = Array.isArray(keys) && keys.some((key) => (key as { kid?: unknown } | null)?.kid === keyId);
  return isKnown ? known : document.renewed();
}

/** The ID of the key that signed the ID token in an answer of the token endpoint. It is not checked yet. */
async function keyIdIn(response: Response): Promise<unknown> {
  try {
    const { id_token: token } = (await response.json()) as { id_token?: unknown };
    const [header = ""] = String(token).split(".");
    return (JSON.parse(Buffer.from(header, "base64url").toString("utf8")) as { kid?: unknown }).kid;
  } catch {
    // Without an ID token; the check of the answer says so.
    return undefined;
  }
}
