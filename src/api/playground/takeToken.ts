import { inlineJson } from "../http/inlineJson.ts";

/** Where the page with the token leaves it for Playground: in the storage of the tab, which no request contains. */
export const HANDED_TOKEN = "houston-token";

/**
 * Script that puts a token that was left for Playground under HTTP HEADERS, once. A tab that has another one there stays
 * as it is, and a new tab is opened.
 */
export const takeToken = `
function takeToken() {
  const token = sessionStorage.getItem(${inlineJson(HANDED_TOKEN)});
  if (!token) return;
  if (!window.session?.()) return void setTimeout(takeToken, 50);
  sessionStorage.removeItem(${inlineJson(HANDED_TOKEN)});
  const dispatch = (type, payload = {}) => store.dispatch({ type, payload });
  let headers = {};
  try {
    headers = parseJson(window.session().headers || "{}");
  } catch {
    headers = { authorization: "incomplete" };
  }
  if (headers.authorization && headers.authorization !== token) {
    dispatch("NEW_SESSION", { endpoint: window.session().endpoint });
    headers = {};
  }
  dispatch("EDIT_HEADERS", { headers: JSON.stringify({ ...headers, authorization: token }, null, 2) });
  dispatch("CLOSE_QUERY_VARIABLES");
  dispatch("OPEN_VARIABLES", { variableEditorHeight: 200 });
}
`;
