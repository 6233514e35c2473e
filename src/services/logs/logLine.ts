/** One line of a Deployment's log, as `DeploymentLog` shows it. */
export interface LogLine {
  id: string;
  uuid: string;
  timestamp: string;
  release: string;
  component: string | null;
  level: string | null;
  /** Ends with a newline. */
  message: string;
  /** Tells it from every other line, whichever index that is in. */
  key: string;
}

interface Hit {
  _index?: unknown;
  _id?: unknown;
  _source?: { [field: string]: unknown };
}

const textOr = <T>(value: unknown, otherwise: T) => (typeof value === "string" ? value : otherwise);

/** The lines in a search's answer; undefined when it is none. What has no time or id is no line. */
export function hitsIn(answer: unknown): LogLine[] | undefined {
  const hits = (answer as { hits?: { hits?: unknown } } | null)?.hits?.hits;
  if (!Array.isArray(hits)) return undefined;
  return hits.flatMap(({ _index, _id, _source = {} }: Hit) => {
    const timestamp = _source["@timestamp"];
    if (typeof _id !== "string" || typeof timestamp !== "string" || Number.isNaN(Date.parse(timestamp))) return [];
    const message = textOr(_source.message, "");
    return {
      id: _id,
      uuid: _id,
      timestamp,
      release: textOr(_source.release, ""),
      component: textOr(_source.component, null),
      level: textOr(_source.level, null),
      message: message.endsWith("\n") ? message : `${message}\n`,
      key: `${String(_index)}/${_id}`,
    };
  });
}
