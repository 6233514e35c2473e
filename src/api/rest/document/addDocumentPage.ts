import { addAssets } from "../../http/addAssets.ts";
import type { Server } from "../../http/createServer.ts";
import { sendPage } from "../../http/sendPage.ts";
import { documentPage } from "./documentPage.ts";

/** Serves the page that shows the document at `docs` below `prefix`, with the files of Swagger UI below it. */
export async function addDocumentPage(server: Server, prefix: string): Promise<void> {
  const path = `${prefix}/docs`;
  const version = await addAssets(server, path, { folder: "swaggerUi", main: "swagger-ui.js" });
  const page = documentPage(`${prefix}/openapi.json`, path, version);
  server.get(path, (_request, reply) => sendPage(reply.header("cache-control", "no-cache"), page));
}
