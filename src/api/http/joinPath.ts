/** The path of `name` below an endpoint, which may be `/` or end with a slash: `joinPath("/v1", "logout")` is `/v1/logout`. */
export const joinPath = (endpoint: string, name: string) => `${endpoint.replace(/\/+$/, "")}/${name}`;
