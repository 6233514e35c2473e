import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { selfSigned } from "./selfSigned.ts";

const line = (text: string) => `${(text.length + 4).toString(16).padStart(4, "0")}${text}`;

/** The response of a git server to a client that may read a repository with one branch. */
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

/** True if this machine has git, including http-backend, which serves repositories. */
export const hasGit = spawnSync("git", ["http-backend"], { env: { ...process.env } }).status !== null;

/** An empty repository, served by git itself. */
function realRepository(): Handle {
  const root = mkdtempSync(join(tmpdir(), "houston-git-"));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  execFileSync("git", ["init", "--quiet", "--bare", join(root, "real.git")]);
  return ({ url = "", method }, response) => {
    const [path, query] = url.split("?");
    const cgi = { GIT_PROJECT_ROOT: root, GIT_HTTP_EXPORT_ALL: "1", PATH_INFO: path, QUERY_STRING: query };
    const env = { ...process.env, ...cgi, REQUEST_METHOD: method };
    const answer = spawnSync("git", ["http-backend"], { env }).stdout.toString("latin1");
    const [head = "", ...body] = answer.split("\r\n\r\n");
    const headers = head.split("\r\n").map((field) => field.split(": ") as [string, string]);
    const status = headers.find(([name]) => name === "Status")?.[1] ?? "200";
    response.writeHead(Number.parseInt(status, 10), Object.fromEntries(headers)).end(body.join("\r\n\r\n"), "latin1");
  };
}

/**
 * A git server over HTTPS on this machine, closed after the file's last test. `/dags.git` accepts user `robot` with token
 * `opensesame`; `/real.git` accepts everyone and needs git. Other paths respond as their names say.
 */
export async function startGitServer() {
  const { key, cert } = selfSigned();
  /** Responses that are never sent. */
  const waiting = new Set<ServerResponse>();
  const requests: { path: string; authorization: string | undefined }[] = [];
  const respond =
    (status: number, headers: Record<string, string>, body = ""): Handle =>
    (_, response) => {
      response.writeHead(status, headers).end(body);
    };
  const paths: Record<string, Handle> = {
    "/dags.git": (request, response) => {
      const { authorization } = request.headers;
      if (authorization !== basic("robot", "opensesame")) return respond(401, {})(request, response);
      return respond(200, { "content-type": TYPE }, ADVERTISEMENT)(request, response);
    },
    "/forbidden": respond(403, {}),
    "/web": respond(200, { "content-type": "text/html" }, "<html>"),
    "/dumb": respond(200, { "content-type": "text/plain" }, "5e6a1d3b\trefs/heads/main\n"),
    "/moved": respond(301, { location: "/dags.git/info/refs?service=git-upload-pack" }),
    "/signin": respond(302, { location: "/users/sign_in" }),
    "/away": respond(302, { location: "https://elsewhere.example.com/dags.git/info/refs" }),
    "/round": respond(302, { location: "/round/info/refs" }),
    "/broken": respond(503, {}),
    "/error": respond(
      200,
      { "content-type": TYPE },
      `${line("# service=git-upload-pack\n")}0000${line("ERR no access")}`,
    ),
    "/silent": (_, response) => {
      waiting.add(response);
      response.on("close", () => waiting.delete(response));
    },
    ...(hasGit ? { "/real.git": realRepository() } : {}),
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
      return respond(404, {})(request, response);
    return known(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `https://localhost:${port}`, port, cert, requests, waiting };
}
