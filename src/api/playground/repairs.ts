import { inlineJson } from "../http/inlineJson.ts";

/**
 * Playground loads the schema again while the headers are being typed. Incomplete ones are not JSON, and it would say
 * for good that the server cannot be reached.
 */
const allowIncompleteHeaders = `
const parseJson = JSON.parse;
JSON.parse = (text, reviver) => {
  try {
    return parseJson(text, reviver);
  } catch (error) {
    if (text === window.session?.()?.headers) return {};
    throw error;
  }
};
`;

/** Tells a user of a pane that is not a JSON object; the operation is not sent. Playground would send it without. */
const checkPanes = `
const strings = (value) => Object.values(value).every((one) => typeof one === "string");
function paneError() {
  const { headers, variables } = window.session();
  const isObject = (text, check) => {
    if (!text || text.trim() === "") return true;
    try {
      const value = parseJson(text);
      return typeof value === "object" && value !== null && !Array.isArray(value) && check(value);
    } catch {
      return false;
    }
  };
  if (!isObject(headers, strings))
    return 'HTTP HEADERS: must be a JSON object of strings, such as { "authorization": "<token>" }';
  if (!isObject(variables, () => true)) return 'QUERY VARIABLES: must be a JSON object, such as { "id": "<ID>" }';
  return undefined;
}

const originalFetch = window.fetch;
window.fetch = async (url, options) => {
  // The schema is also loaded while the panes are being edited.
  const isOperation = typeof options?.body === "string" && !options.body.includes("query IntrospectionQuery");
  const message = isOperation && paneError();
  if (!message) return isOperation ? originalFetch(url, options) : loadSchema(url, options);
  return new Response(JSON.stringify({ errors: [{ message }] }), { headers: { "content-type": "application/json" } });
};
`;

/**
 * Where the schema is shown to known callers only, Playground would say that the server cannot be reached, and show the
 * status instead of the reason.
 */
const tellSchemaNeedsToken = `
let schemaNeedsToken = false;
async function loadSchema(url, options) {
  const response = await originalFetch(url, options);
  schemaNeedsToken = false;
  if (response.status !== 400) return response;
  const text = await response.text();
  schemaNeedsToken = text.includes("UNAUTHENTICATED");
  return new Response(text, { headers: { "content-type": "application/json" } });
}
new MutationObserver(() => {
  if (!schemaNeedsToken) return;
  const texts = document.evaluate("//text()[.='Server cannot be reached']", document, null, 7, null);
  for (let nth = 0; nth < texts.snapshotLength; nth += 1) {
    texts.snapshotItem(nth).nodeValue = "The schema requires a token";
  }
}).observe(document, { childList: true, subtree: true });
`;

/**
 * Playground shows an error of an operation, but neither `connection_error` nor the reason of a close: it says that it
 * could not connect. Both become an error of each running operation.
 */
const tellSocketErrors = `
window.WebSocket = class extends WebSocket {
  running = new Set();
  constructor(...args) {
    super(...args);
    this.addEventListener("message", ({ data }) => {
      const { type, id, payload } = JSON.parse(data);
      if (type === "connection_error") this.fail(payload?.message ?? "The server rejected the connection");
      if (type === "error" || type === "complete") this.running.delete(id);
    });
    this.addEventListener("close", ({ code, reason }) => {
      if (reason) this.fail("The server closed the connection: " + reason + " (" + code + ")");
    });
  }
  send(text) {
    const { type, id } = JSON.parse(text);
    if (type === "start") this.running.add(id);
    if (type === "stop") this.running.delete(id);
    const message = type === "start" && paneError();
    if (!message) return super.send(text);
    // Playground handles the response only after the call that sends.
    setTimeout(() => {
      this.fail(message);
      this.close();
    });
  }
  fail(message) {
    for (const id of this.running) {
      this.running.delete(id);
      const data = JSON.stringify({ type: "error", id, payload: { message } });
      this.dispatchEvent(new MessageEvent("message", { data }));
    }
  }
};
`;

/**
 * Of an operation that does not parse, Playground tells only the browser's console, and shows the result of the one
 * before. It is sent as it is written: the server answers with the error, and the alpha API corrects what it can.
 */
const sendUnparsed = `
let store;
let isRun = false;
Object.defineProperty(window, "s", {
  get: () => store,
  set(created) {
    store = created;
    const dispatch = store.dispatch;
    store.dispatch = (action) => {
      isRun = action.type === "RUN_QUERY" || action.type === "RUN_QUERY_AT_POSITION";
      try {
        return dispatch(action);
      } finally {
        isRun = false;
      }
    };
  },
});
const logError = console.error;
console.error = (...args) => {
  // Playground parses the operation and logs the error before dispatch returns.
  if (isRun && args[0]?.name === "GraphQLError") sendUnparsed();
  else logError(...args);
};
async function sendUnparsed() {
  const { id, query, variables, headers, endpoint } = window.session();
  const objectIn = (text) => (text?.trim() && !paneError() ? parseJson(text) : {});
  const body = JSON.stringify({ query, variables: objectIn(variables) });
  const sent = { ...objectIn(headers), "content-type": "application/json" };
  const answer = await window
    .fetch(endpoint, { method: "POST", credentials: "same-origin", headers: sent, body })
    .then((response) => response.json())
    .catch((error) => ({ errors: [{ message: String(error) }] }));
  const response = { date: JSON.stringify(answer, null, 2), time: new Date(), resultID: String(Date.now()) };
  store.dispatch({ type: "SET_RESPONSE", payload: { sessionId: id, response } });
}
`;

/** Completion removes its box on DOMNodeRemoved, an event that browsers no longer send. */
const removeHints = `
new MutationObserver((records) => {
  for (const { target, removedNodes } of records) {
    if (!target.isConnected || !target.classList?.contains("CodeMirror-hints-wrapper")) continue;
    for (const node of removedNodes) {
      if (!node.classList?.contains("CodeMirror-hints")) continue;
      const event = new Event("DOMNodeRemoved");
      // The node has left the tree, so the event cannot bubble from it to the listener.
      Object.defineProperty(event, "target", { value: node });
      target.dispatchEvent(event);
    }
  }
}).observe(document, { childList: true, subtree: true });
`;

/** COPY CURL puts the operation between single quotes, which a quote in the operation would end. */
const quoteCurl = String.raw`
document.addEventListener("copy", (event) => {
  const command = /^(curl '.* --data-binary ')(.*)(' --compressed)$/s.exec(getSelection().toString());
  if (!command?.[2].includes("'")) return;
  const [, before, body, after] = command;
  event.clipboardData.setData("text/plain", before + body.replaceAll("'", "'\\''") + after);
  event.preventDefault();
  event.stopPropagation();
}, true);
`;

/**
 * Script that lets the pages of two endpoints keep their tabs under keys of their own. Playground has one key for all
 * endpoints, but replaces the tabs of all when a page brings its first one. The key of `/v1` is the package's own.
 */
export const keepTabsIn = (key: string) => `
for (const name of ["getItem", "setItem"]) {
  const original = Storage.prototype[name];
  Storage.prototype[name] = function (key, ...values) {
    return original.call(this, key === "graphql-playground" ? ${inlineJson(key)} : key, ...values);
  };
}
`;

/** Script that repairs what stops a user of GraphQL Playground 1.7, which is no longer maintained. Runs before it. */
export const repairs = `${allowIncompleteHeaders}${checkPanes}${tellSchemaNeedsToken}${tellSocketErrors}${sendUnparsed}${removeHints}${quoteCurl}`;
