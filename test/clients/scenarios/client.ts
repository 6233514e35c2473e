/** A client that sends and reads what real clients were seen to send and read. */
export interface Client {
  /** The platform's version, which decides the documents to send. */
  version: string;
  /** Sends the document of this name for the platform's version and returns the one field of `data`. */
  // biome-ignore lint/suspicious/noExplicitAny: each step reads what it needs.
  run(name: string, variables?: Record<string, unknown> | null): Promise<any>;
  /** The error message that the user sees. Throws when there is none. */
  errorOf(name: string, variables?: Record<string, unknown> | null): Promise<string>;
  /** The same client with another token. */
  as(token: string): Client;
}

/** A document for platforms of version `since` or later. */
export interface Document {
  since: string;
  query: string;
}

export type Documents = Record<string, readonly Document[]>;

/** Requests the platform's version first, as clients do, and sends documents for it. */
export async function connect(url: string, documents: Documents): Promise<Client> {
  const { version } = await send(url, "", "query AppConfig { appConfig { version baseDomain } }", null);
  const clientOf = (token: string): Client => {
    const run = (name: string, variables: Record<string, unknown> | null = null) =>
      send(url, token, documentFor(documents, name, version), variables);
    return {
      version,
      run,
      errorOf: (name, variables) =>
        run(name, variables).then(
          () => {
            throw new Error(`${name} was not refused`);
          },
          (error: Error) => error.message,
        ),
      as: clientOf,
    };
  };
  return clientOf("");
}

/** True if clients of this platform version have a document under each of the names. */
export const knows = (documents: Documents, version: string, ...names: string[]) =>
  names.every((name) => documents[name]?.some(({ since }) => compare(since, version) <= 0));

/** The newest document for a platform of this version. */
export function documentFor(documents: Documents, name: string, version: string): string {
  const candidates = documents[name]?.filter(({ since }) => compare(since, version) <= 0) ?? [];
  const newest = candidates.sort((a, b) => compare(a.since, b.since)).at(-1);
  if (!newest) throw new Error(`No document ${name} for platform ${version}`);
  return newest.query;
}

/** Negative if `a` is the earlier version. */
export function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split(".").map(Number));
  const difference = [0, 1, 2].map((n) => (left?.[n] ?? 0) - (right?.[n] ?? 0)).find((step) => step !== 0);
  return difference ?? 0;
}

/** Sends one request. Clients show a response with status 400 or above as it is; of errors they show the first, and ignore data. */
async function send(url: string, token: string, query: string, variables: Record<string, unknown> | null) {
  const response = await fetch(`${url}/v1`, {
    method: "POST",
    redirect: "error",
    headers: { "content-type": "application/json", ...(token === "" ? {} : { authorization: token }) },
    body: JSON.stringify({ query, variables }),
  });
  if (response.status >= 400) throw new Error(`${response.status}: ${await response.text()}`);
  const { data, errors } = await response.json();
  // Some clients read `errors[0]` whenever the key exists, and crash on an empty list.
  if (errors) throw new Error(errors[0].message);
  const [field] = Object.keys(data);
  return field === undefined ? undefined : data[field];
}
