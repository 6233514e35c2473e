/** The path of `name` below an endpoint, which may be `/` or end with a slash: `under("/v1", "logout")` is `/v1/logout`. */
export const under = (endpoint: string, name: string) => `${endpoint.replace(/\/+$/, "")}/${name}`;
