import { networkCauses } from "../status/networkCauses.ts";

/** Codes of Node and of PostgreSQL, in words about the server. */
const causes = new Map([
  ...networkCauses,
  ["28P01", "it does not accept the user or the password"],
  ["42501", "its user may not create databases or users"],
  ["53300", "it has too many connections"],
]);

/**
 * The server of the databases, at `address`, cannot be reached or refuses. The message says why by the code of the error
 * only: its text may name users of the server.
 */
export class DatabaseServerError extends Error {
  constructor(address: string, cause: unknown) {
    const server = `The database server of Deployments, ${address} (deployments.database.connection),`;
    super(`${server} cannot be used: ${reasonOf(cause as { code?: string; message?: string })}`, { cause });
    this.name = "DatabaseServerError";
  }
}

function reasonOf({ code, message = "" }: { code?: string; message?: string }): string {
  if (code !== undefined) return causes.get(code) ?? code;
  // The errors of the client itself have no code.
  return message.includes("does not support SSL") ? "it does not offer TLS" : "it does not answer";
}
