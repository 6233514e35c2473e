import { request } from "node:http";

/** What a page answered. */
export interface PageAnswer {
  status: number;
  headers: Headers;
  text: string;
}

interface Sent {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** `fetch` without its own headers: it follows no redirect, and sends no `host` of its own if one is given. */
export function send(url: string, { method = "GET", headers = {}, body }: Sent = {}): Promise<PageAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      answer.on("end", () => {
        const pairs = Object.entries(answer.headersDistinct).flatMap(([name, values = []]) =>
          values.map((value): [string, string] => [name, value]),
        );
        resolve({ status: answer.statusCode ?? 0, headers: new Headers(pairs), text });
      });
    });
    sent.on("error", reject).end(body);
  });
}

/** Someone with a browser without JavaScript: keeps cookies, fills in forms and sends them as browsers do. */
export function createVisitor(base: string, fixed: Record<string, string> = {}) {
  const cookies = new Map<string, string>();
  const own = { host: new URL(base).host, ...fixed };

  async function go(path: string, given: Sent = {}): Promise<PageAnswer> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { accept: "text/html", ...own, ...(cookie !== "" && { cookie }), ...given.headers };
    const answer = await send(new URL(path, `${base}/`).href, { ...given, headers });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/Max-Age=0(;|$)/.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return answer;
  }

  /** Sends the form of the page at `path` with this button, with `fields` filled in, and `headers` as they are or removed. */
  async function fill(
    path: string,
    button: string,
    fields: Record<string, string> = {},
    headers: Record<string, string> = { origin: `http://${own.host}` },
  ): Promise<PageAnswer> {
    const { text } = await go(path);
    const { action, values } = formIn(text, button);
    const body = new URLSearchParams({ ...values, ...fields }).toString();
    return post(new URL(action, new URL(path, `${base}/`)).href, body, headers);
  }

  const post = (path: string, body: string, headers: Record<string, string> = { origin: `http://${own.host}` }) =>
    go(path, { method: "POST", body, headers: { "content-type": "application/x-www-form-urlencoded", ...headers } });

  return { go, fill, post, cookies };
}

/** The form with a button of these words: where it leads, and its hidden values. */
export function formIn(page: string, button: string) {
  const forms = page.match(/<form.*?<\/form>/gs) ?? [];
  const found = forms.find((form) => form.includes(`>${button}<`));
  if (!found) throw new Error(`no form with the button ${button} in ${page}`);
  const action = /action="([^"]*)"/.exec(found)?.[1] ?? "";
  const hidden = [...found.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)];
  return {
    action,
    values: Object.fromEntries(hidden.map(([, name, value = ""]) => [name, value.replaceAll("&amp;", "&")])),
  };
}
