import type { Size } from "./data.ts";

/** One request: the user who sends it, and the variables. */
export interface Call {
  /** The number of the user. */
  person: number;
  variables: Variables;
}

export type Variables = Record<string, unknown>;

/** A constant document, so that servers benefit from what they cache about it. */
export interface Document {
  /** The route of a server without GraphQL. */
  name: string;
  /** A GraphQL document for schema.graphql. */
  query: string;
  /** The root field. */
  field: string;
}

/** An operation of the Platform API: the same request for every server that has it. */
export interface Endpoint {
  name: string;
  method: "GET" | "POST" | "DELETE";
  /** The path with its query. */
  path(variables: Variables): string;
  body?(variables: Variables): unknown;
  /** The member of the answer with the rows of a list. */
  rows?: string;
  /** Headers besides the token. */
  headers?(variables: Variables): Record<string, string>;
  /** The token is for the doors of Airflow, in its cookie. */
  cookie?: true;
  /** The headers of the answer that have the content. */
  answeredIn?: readonly string[];
}

/** A common operation. */
export interface Operation<Target extends Document | Endpoint = Document | Endpoint> {
  title: string;
  /** What is requested; for a pair, first. */
  target: Target;
  /** The calls to rotate through, so that no row is used all the time. */
  calls(size: Size): Call[];
  /** The second request of a pair, about the row in the first response. The pair counts as one. */
  followUp?: {
    target: Target;
    variables(first: Variables, answer: { id: string }): Variables;
  };
  /** Keys whose values differ between servers and calls. */
  differing?: readonly string[];
  /** Changes the variables of a repeated call if it must create a new row. */
  fresh?(variables: Variables, nth: number): Variables;
  /** Everyone who is signed in may send the (first) request; what they get depends on their rights. */
  isForEveryone?: true;
}

/** Whether a target is a GraphQL document. */
export const isDocument = (target: Document | Endpoint): target is Document => "query" in target;
