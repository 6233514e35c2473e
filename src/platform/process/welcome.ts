import { PAGES_PATH } from "../config/config.ts";

/** Where Houston listens, and the set-up token as long as there are no users. */
interface Address {
  url: string;
  endpoint: string;
  playground: boolean;
  pages: boolean;
  /** Whether people can sign in with a password. */
  passwords: boolean;
  setupToken: string | undefined;
}

/** First steps, printed when Houston is started in a terminal. The commands work as printed. */
export function welcome(address: Address): string {
  const api = `${address.url}${address.endpoint}`;
  const post = (query: string) =>
    `  curl -s ${api} -H 'content-type: application/json' -d '${JSON.stringify({ query })}'`;
  const signUp = 'mutation { createUser(email: "admin@example.com", password: "change-me-now") { token { value } } }';
  return [
    `Houston is ready at ${api}`,
    ...(address.playground ? [`GraphQL Playground: open ${api} in a browser`] : []),
    "",
    "Try a query:",
    post("{ appConfig { version baseDomain } }"),
    ...firstUser(address, post(signUp)),
    "",
  ].join("\n");
}

function firstUser({ url, setupToken, pages, passwords }: Address, signUp: string): string[] {
  if (setupToken === undefined) return [];
  const page = `${url}${PAGES_PATH}/signup`;
  // The page needs the token on this machine too, because the identity provider sends people back as another site does.
  if (!passwords) {
    return [
      "",
      `Create the first user, who becomes System Admin, in a browser: ${page}`,
      `Set-up token: ${setupToken}`,
    ];
  }
  return [
    "",
    "Create the first user, who becomes System Admin (use your own e-mail address and password):",
    signUp,
    "From another machine or through a proxy, also send the set-up token:",
    `  -H 'x-houston-setup-token: ${setupToken}'`,
    'Send the returned token in the "authorization" header of later requests.',
    ...(pages ? [`Or in a browser: ${page}`] : []),
  ];
}
