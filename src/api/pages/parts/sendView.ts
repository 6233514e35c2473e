import type { FastifyReply } from "fastify";
import { layout } from "../../http/layout.ts";
import { sendPage } from "../../http/sendPage.ts";
import { escapeHtml } from "./html.ts";
import type { View } from "./pageRoute.ts";
import type { Site } from "./site.ts";
import { style } from "./style.ts";

/** Sends a page that nobody else may keep, show in a frame or read. Its forms may lead to hosts of the platform. */
export function sendView(reply: FastifyReply, site: Site, { title, body, status = 200, script }: View): FastifyReply {
  const sources = [`form-action ${["'self'", ...site.platformSources].join(" ")}`];
  const page = layout(`${escapeHtml(title)} – Houston`, body.text, { style, script, sources });
  reply.code(status).headers({
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
  });
  return sendPage(reply, page);
}
