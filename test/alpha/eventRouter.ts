import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { afterAll } from "vitest";
import type { RouterConfig } from "../../src/services/clickstream/routerConfig.ts";

/** An event as the libraries of analytics.js send it. */
interface TrackedEvent {
  type: string;
  event?: string;
  name?: string;
  userId?: string;
  anonymousId?: string;
  messageId?: string;
  properties?: Record<string, unknown>;
}

type Integration = RouterConfig["integrations"][number];

interface Delivery {
  url: string;
  headers: Record<string, string>;
  body: unknown;
}

/** What the router knows of its own: the address of Houston, its API key, and the addresses of fixed destinations. */
interface Settings {
  houston: string;
  apiKey: string;
  applicationIds: readonly string[];
  acquisio?: string;
}

/**
 * A small event router, as one that works with Houston could be. It accepts the calls of analytics.js libraries and
 * delivers the events as the last polled configuration says, until the file's last test.
 */
export async function startEventRouter({ houston, apiKey, applicationIds, acquisio = "" }: Settings) {
  const known = new Map<string, { etag: string; config: RouterConfig }>();

  /** Asks for one configuration. Returns the status of the response. */
  async function pollOne(id: string): Promise<number> {
    const etag = known.get(id)?.etag;
    const response = await fetch(`${houston}/alpha/applications/${id}/config`, {
      headers: { authorization: apiKey, ...(etag === undefined ? {} : { "if-none-match": etag }) },
    });
    if (response.status === 200) {
      const config = (await response.json()) as RouterConfig;
      known.set(id, { etag: response.headers.get("etag") ?? "", config });
    }
    // On other errors, the last configuration stays in use.
    if (response.status === 404) known.delete(id);
    return response.status;
  }

  /** Delivers to all destinations. Returns the status for the sender. */
  async function accept(request: IncomingMessage): Promise<number> {
    const config = known.get(writeKeyOf(request))?.config;
    if (!config) return 401;
    const events = eventsIn(request.url ?? "", (await json(request)) as object);
    if (!events) return 404;
    const deliveries = config.integrations.flatMap((integration) => deliveriesFor(integration, events, acquisio));
    const delivered = await Promise.all(deliveries.map(deliver));
    return delivered.every(Boolean) ? 200 : 502;
  }

  const server = createServer((request, response) => {
    const reply = (status: number) => response.writeHead(status, { "content-type": "application/json" }).end("{}");
    accept(request).then(reply, () => reply(400));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, poll: () => Promise.all(applicationIds.map(pollOne)) };
}

/** The ID of the Application: the user name, without a password. */
function writeKeyOf({ headers }: IncomingMessage): string {
  const [scheme, value = ""] = (headers.authorization ?? "").split(" ");
  const [user = "", password] = Buffer.from(value, "base64").toString().split(":");
  return scheme === "Basic" && password === "" ? user : "";
}

function eventsIn(path: string, body: object): TrackedEvent[] | undefined {
  if (path === "/v1/batch") return (body as { batch: TrackedEvent[] }).batch;
  const [, type] = /^\/v1\/(track|page|screen|identify)$/.exec(path) ?? [];
  return type === undefined ? undefined : [{ ...body, type }];
}

function deliveriesFor(integration: Integration, events: TrackedEvent[], acquisio: string): Delivery[] {
  if (integration.integrationCode === "webhook") return toWebhook(integration, events);
  return integration.integrationCode === "acquisio" ? toAcquisio(integration, events, acquisio) : [];
}

/** Events by name, in requests of the configured size. */
function toWebhook({ config, connection: { details } }: Integration, events: TrackedEvent[]): Delivery[] {
  const { events: names = [], batchSize = 1 } = config as { events?: string[]; batchSize?: number };
  const { url, headerName, headerValue } = details as { url: string; headerName: string; headerValue?: string };
  const wanted = events.filter(({ event }) => names.length === 0 || (event !== undefined && names.includes(event)));
  const headers = headerValue === undefined ? {} : { [headerName]: headerValue };
  const batches = Array.from({ length: Math.ceil(wanted.length / batchSize) }, (_, n) =>
    wanted.slice(n * batchSize, (n + 1) * batchSize),
  );
  return batches.map((body) => ({ url, headers, body }));
}

/** Events that are conversions, under their name in Acquisio. */
function toAcquisio({ config, connection }: Integration, events: TrackedEvent[], url: string): Delivery[] {
  const { trackId, conversions = {} } = config as { trackId: string; conversions?: Record<string, string> };
  const { accountId } = connection.details;
  return events.flatMap(({ event = "", properties }) => {
    const conversion = conversions[event];
    return conversion === undefined ? [] : [{ url, headers: {}, body: { accountId, trackId, conversion, properties } }];
  });
}

async function deliver({ url, headers, body }: Delivery): Promise<boolean> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return response.ok;
}
