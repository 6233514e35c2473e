import type { FastifyReply, FastifyRequest } from "fastify";
import type { Services } from "../../access/context.ts";
import type { QueryRunner } from "../../platform/database/queryRunner.ts";
import { asAppError } from "../../platform/errors/asAppError.ts";
import type { Admission } from "../../services/airflow/admitVisitor.ts";
import type { AirflowIdentity } from "../../services/airflow/airflowRole.ts";
import { audienceOf, targetOf } from "../../services/airflow/airflowTarget.ts";
import type { AirflowTokens } from "../../services/airflow/airflowToken.ts";
import { rememberAdmissions } from "../../services/airflow/rememberAdmissions.ts";
import type { Server } from "../http/createServer.ts";
import { joinPath } from "../http/joinPath.ts";
import { askedUrl } from "./askedUrl.ts";
import { edgeCredential } from "./edgeCredential.ts";

/** Largest token and name in the answer, in bytes. With an address, which has at most 254, they fit in 3.9 kB: proxies reserve 4. */
const MAX_TOKEN = 2_900;
const MAX_NAME = 600;

/**
 * `<endpoint>/authorization`: an ingress asks whether a request may go to an Airflow. Answers 200 with the headers
 * `authorization`, `username` and `email` for the Airflow, 401 or 403, and nothing else, because an ingress makes 500 of
 * it. The body is never read. Envoy asks below the path, at the path that it asks about.
 */
export function addAuthorization(
  server: Server,
  services: Services,
  { reads, tokens }: { reads: QueryRunner; tokens: AirflowTokens },
): void {
  const { config } = services;
  const admit = rememberAdmissions({ ...services, reads });
  const path = joinPath(config.webserver.endpoint, "authorization");
  const decide = async (request: FastifyRequest, reply: FastifyReply) => {
    const url = askedUrl(request.headers, request.url.slice(path.length).replace(/^(?!\/).*/, ""));
    const target = url === undefined ? undefined : targetOf(url, config);
    if (!target) return answer(reply, { status: 403 });
    const admission = await admit(edgeCredential(config, request.headers), target);
    if (admission.status !== 200) return answer(reply, admission);
    const { identity, deployment, visitor } = admission;
    const username = headerOf(identity.username);
    // Cut, it could be the name of somebody else.
    reply.headers({ username: username.length <= MAX_NAME ? username : visitor.id, email: headerOf(identity.email) });
    if (deployment !== undefined) {
      reply.header(
        "authorization",
        `Bearer ${await tokenOf(tokens, identity, audienceOf(deployment, config.helm.baseDomain))}`,
      );
    }
    return answer(reply, admission);
  };
  server.register(
    async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
      scope.setErrorHandler((error, request, reply) => {
        // Of others, such as an overload, the access log says enough.
        if (!asAppError(error)) {
          request.log.error({ err: error }, "Could not decide about a request to an Airflow, so it is denied");
        }
        return answer(reply, { status: 403 });
      });
      // Of methods that HTTP does not define.
      scope.setNotFoundHandler((_request, reply) => answer(reply, { status: 403 }));
      // A preflight request is asked about like any other.
      for (const at of ["", "/*"]) scope.all(at, { config: { cors: false, forwarded: true } }, decide);
    },
    { prefix: path },
  );
}

async function tokenOf(tokens: AirflowTokens, identity: AirflowIdentity, audience: string): Promise<string> {
  const token = await tokens.sign(identity, audience);
  return token.length <= MAX_TOKEN ? token : tokens.sign({ ...identity, fullName: "" }, audience);
}

function answer(reply: FastifyReply, { status }: Pick<Admission, "status">) {
  if (status === 401) reply.header("www-authenticate", 'Bearer realm="houston"');
  return reply.code(status).header("cache-control", "no-store").send();
}

/** Headers hold Latin-1 only; the token has the name as it is. */
const headerOf = (value: string) => (/^[\x20-\x7e]*$/.test(value) ? value : encodeURIComponent(value));
