import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../src/platform/database/embedded/postmaster.ts";
import { startProgram } from "./program.ts";

/**
 * Starts nginx on loopback in front of `upstream`, which asks Houston about each request, with the directives that
 * ingress-nginx writes for the annotations of the Airflow chart. Both are URLs without a path.
 */
export async function startNginx({ houston, upstream }: { houston: string; upstream: string }) {
  const folder = await mkdtemp(join(tmpdir(), "houston-nginx-"));
  const port = await freePort();
  await writeFile(join(folder, "nginx.conf"), configuration(folder, port, houston, upstream));
  const url = `http://127.0.0.1:${port}`;
  const args = ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", "stderr"];
  const nginx = await startProgram("/usr/sbin/nginx", args, { url });
  return {
    url,
    async stop() {
      await nginx.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const configuration = (folder: string, port: number, houston: string, upstream: string) => `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr error;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port};
    location = /_external-auth {
      internal;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_set_header X-Forwarded-Proto "";
      proxy_set_header X-Request-ID $request_id;
      proxy_set_header Host 127.0.0.1;
      proxy_set_header X-Original-URL https://$http_host$request_uri;
      proxy_set_header X-Original-Method $request_method;
      proxy_set_header X-Sent-From "nginx-ingress-controller";
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Auth-Request-Redirect $request_uri;
      proxy_http_version 1.1;
      proxy_pass ${houston}/v1/authorization;
    }
    location @signin {
      return 302 https://app.example.com/login?rd=https://$http_host$request_uri;
    }
    location / {
      auth_request /_external-auth;
      auth_request_set $auth_cookie $upstream_http_set_cookie;
      add_header Set-Cookie $auth_cookie;
      auth_request_set $authHeader0 $upstream_http_authorization;
      proxy_set_header authorization $authHeader0;
      auth_request_set $authHeader1 $upstream_http_username;
      proxy_set_header username $authHeader1;
      auth_request_set $authHeader2 $upstream_http_email;
      proxy_set_header email $authHeader2;
      error_page 401 = @signin;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-Proto https;
      proxy_read_timeout 120s;
      proxy_http_version 1.1;
      proxy_pass ${upstream};
    }
  }
}
`;
