/** The server of the databases cannot be reached, or refuses. The message says it by a code: texts may name its users. */
export class DatabaseServerError extends Error {
  constructor(cause: unknown) {
    const { code = "no answer" } = cause as { code?: string };
    super(`The database server of Deployments cannot be used: ${code}`, { cause });
    this.name = "DatabaseServerError";
  }
}
