/** One part of what a client of the image registry asks for: `repository:quiet-comet-1234/airflow:pull,push`. */
export interface RegistryScope {
  type: string;
  name: string;
  actions: string[];
}

/** Maximum number of parts, so that a request names no more Deployments than a build uses. */
const MAX_SCOPES = 100;

/**
 * The parts of the parameter `scope`, which may be repeated, and of which each may hold several, separated by spaces. The name
 * may contain a colon (host and port), and the type a class, which is dropped: `repository(plugin)`. What cannot be parsed
 * asks for nothing.
 */
export function parseScopes(given: string | readonly string[] | undefined): RegistryScope[] {
  const texts = (given === undefined ? [] : typeof given === "string" ? [given] : given).flatMap((text) =>
    text.split(" "),
  );
  return texts.slice(0, MAX_SCOPES).flatMap((text) => {
    const [first, last] = [text.indexOf(":"), text.lastIndexOf(":")];
    if (first < 1 || last === first) return [];
    return [
      {
        type: text.slice(0, first).replace(/\([^)]*\)$/, ""),
        name: text.slice(first + 1, last),
        actions: [...new Set(text.slice(last + 1).split(","))].filter((action) => action !== ""),
      },
    ];
  });
}

/** The release name at the start of a repository; undefined if the repository belongs to no Deployment. */
export const releaseOf = (repository: string): string | undefined =>
  /^([a-z0-9][a-z0-9-]*)\/[a-z0-9]/.exec(repository)?.[1];
