/** Where a change comes from. One object for each request, which every copy of its context shares. */
export interface Origin {
  via: "graphql" | "rest" | "alpha" | "websocket" | "registry" | "scim" | "pages" | "job";
  /** The client's address; null for a job. */
  address: string | null;
  /** The caller as audit entries name them, once known: "user:<id>". */
  caller?: string;
}

/** The origin of what jobs do. */
export const fromJob: Origin = { via: "job", address: null };
