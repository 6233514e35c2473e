import { DatabaseTime } from "../../platform/database/databaseTime.ts";
import type { Server } from "./createServer.ts";

/**
 * Lets each request wait at most `limit` milliseconds for the database. Must come before all that uses it.
 *
 * The limits of the pool hold for one connection and one statement, and a request may need several.
 */
export function limitDatabaseTime(server: Server, limit: number): void {
  // Once the body has been read, because that would leave the asynchronous context.
  server.addHook("preHandler", (_request, _reply, done) => new DatabaseTime(limit).run(done));
}
