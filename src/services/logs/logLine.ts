/** One line of a Deployment's log: the API type `DeploymentLog`. */
export interface LogLine {
  id: string;
  uuid: string;
  timestamp: string;
  release: string;
  component: string | null;
  level: string | null;
  /** Without the newline that ended it. */
  message: string;
  /** Unique across all indices. */
  key: string;
}

interface Hit {
  _index?: unknown;
  _id?: unknown;
  _source?: { [field: string]: unknown };
}

const stringOr = <T>(value: unknown, fallback: T) => (typeof value === "string" ? value : fallback);

/** The lines in a search response; undefined if it is invalid. Hits without time or ID are skipped. */
export function hitsIn(response: unknown): LogLine[] | undefined {
  const hits = (response as { hits?: { hits?: unknown } } | null)?.hits?.hits;
  if (!Array.isArray(hits)) return undefined;
  return hits.flatMap(({ _index, _id, _source = {} }: Hit) => {
    const timestamp = _source["@timestamp"];
    if (typeof _id !== "string" || typeof timestamp !== "string" || Number.isNaN(Date.parse(timestamp))) return [];
    return {
      id: _id,
      uuid: _id,
      timestamp,
      release: stringOr(_source.release, ""),
      component: stringOr(_source.component, null),
      level: stringOr(_source.level, null),
      message: stringOr(_source.message, "").replace(/\r?\n$/, ""),
      key: `${String(_index)}/${_id}`,
    };
  });
}
