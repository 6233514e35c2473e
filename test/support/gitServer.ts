import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll } from "vitest";
import { selfSigned } from "./selfSigned.ts";

const line = (text: string) => `${(text.length + 4).toString(16).padStart(4, "0")}${text}`;

/** What a git server answers to somebody who may read a repository of one branch. */
const ADVERTISEMENT = [
  line("# service=git-upload-pack\n"),
  "0000",
  line("5e6a1d3b6a6a0c9b2f1d0e4c7b8a9f0e1d2c3b4a HEAD\0multi_ack symref=HEAD:refs/heads/main\n"),
  line("5e6a1d3b6a6a0c9b2f1d0e4c7b8a9f0e1d2c3b4a refs/heads/main\n"),
  "0000",
].join("");

const TYPE = "application/x-git-upload-pack-advertisement";

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

const basic = (user: string, token: string) => `Basic ${Buffer.from(`${user}:${token}`).toString("base64")}`;

/**
 * A git server over HTTPS on this machine, closed after the file's last test. `/dags.git` opens to user `robot` and token
 * `open sesame` without the space; other paths answer as they are named.
 */
export async function startGitServer() {
  const { key, cert } = selfSigned();
  const requests: { path: string; authorization: string | undefined }[] = [];
  const say =
    (status: number, headers: Record<string, string>, body = ""): Handle =>
    (_, response) => {
      response.writeHead(status, headers).end(body);
    };
  const paths: Record<string, Handle> = {
    "/dags.git": (request, response) => {
      const { authorization } = request.headers;
      if (authorization !== basic("robot", "opensesame")) return say(401, {})(request, response);
      return say(200, { "content-type": TYPE }, ADVERTISEMENT)(request, response);
    },
    "/forbidden": say(403, {}),
    "/web": say(200, { "content-type": "text/html" }, "<html>"),
    "/dumb": say(200, { "content-type": "text/plain" }, "5e6a1d3b\trefs/heads/main\n"),
    "/moved": say(301, { location: "/dags.git/info/refs?service=git-upload-pack" }),
    "/signin": say(302, { location: "/users/sign_in" }),
    "/away": say(302, { location: "https://elsewhere.example.com/dags.git/info/refs" }),
    "/round": say(302, { location: "/round/info/refs" }),
    "/broken": say(503, {}),
    "/error": say(200, { "content-type": TYPE }, `${line("# service=git-upload-pack\n")}0000${line("ERR no access")}`),
    "/silent": () => undefined,
    "/endless": (_, response) => {
      response.writeHead(200, { "content-type": TYPE });
      const more = () => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
      };
      response.on("drain", more);
      more();
    },
  };
  const server = createServer({ key, cert }, (request, response) => {
    const [path = "", query] = (request.url ?? "").split("?");
    requests.push({ path: request.url ?? "", authorization: request.headers.authorization });
    const known = path.endsWith("/info/refs") ? paths[path.slice(0, -"/info/refs".length)] : undefined;
    if (!known || (query !== "service=git-upload-pack" && path !== "/round/info/refs"))
      return say(404, {})(request, response);
    return known(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `https://localhost:${port}`, port, cert, requests };
}
