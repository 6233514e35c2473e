/** A client as people use them: what it sends and how it reads answers is told by what was seen on the wire. */
export interface Client {
  /** The platform's version, by which documents are chosen. */
  version: string;
  /** Sends the document of this name for the platform's version and gives `data`'s one field. */
  // biome-ignore lint/suspicious/noExplicitAny: each step reads what it needs.
  ask(name: string, variables?: Record<string, unknown> | null): Promise<any>;
  /** What went wrong, in the words that a person is shown. Throws when nothing did. */
  refused(name: string, variables?: Record<string, unknown> | null): Promise<string>;
  /** The same client with another token. */
  as(token: string): Client;
}

/** A document for platforms from `since` on. */
export interface Document {
  since: string;
  query: string;
}

export type Documents = Record<string, readonly Document[]>;

/** Asks for the platform's version as clients do first of all, and keeps to it. */
export async function connect(url: string, documents: Documents): Promise<Client> {
  const { version } = await send(url, "", "query AppConfig { appConfig { version baseDomain } }", null);
  const clientOf = (token: string): Client => {
    const ask = (name: string, variables: Record<string, unknown> | null = null) =>
      send(url, token, documentFor(documents, name, version), variables);
    return {
      version,
      ask,
      refused: (name, variables) =>
        ask(name, variables).then(
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

/** Whether clients of a platform of this version have something to send under each of the names. */
export const knows = (documents: Documents, version: string, ...names: string[]) =>
  names.every((name) => documents[name]?.some(({ since }) => compare(since, version) <= 0));

/** The newest document that a platform of this version knows. */
export function documentFor(documents: Documents, name: string, version: string): string {
  const fitting = documents[name]?.filter(({ since }) => compare(since, version) <= 0) ?? [];
  const newest = fitting.sort((a, b) => compare(a.since, b.since)).at(-1);
  if (!newest) throw new Error(`No document ${name} for platform ${version}`);
  return newest.query;
}

/** Less than 0 where `a` is the earlier version. */
export function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split(".").map(Number));
  const difference = [0, 1, 2].map((n) => (left?.[n] ?? 0) - (right?.[n] ?? 0)).find((step) => step !== 0);
  return difference ?? 0;
}

/** One request. A status of 400 or more is shown raw; of errors only the first message is read, and they make data void. */
async function send(url: string, token: string, query: string, variables: Record<string, unknown> | null) {
  const response = await fetch(`${url}/v1`, {
    method: "POST",
    redirect: "error",
    headers: { "content-type": "application/json", ...(token === "" ? {} : { authorization: token }) },
    body: JSON.stringify({ query, variables }),
  });
  if (response.status >= 400) throw new Error(`${response.status}: ${await response.text()}`);
  const { data, errors } = await response.json();
  // Clients that read `errors[0]` wherever the key is present die of an empty list.
  if (errors) throw new Error(errors[0].message);
  const [field] = Object.keys(data);
  return field === undefined ? undefined : data[field];
}
