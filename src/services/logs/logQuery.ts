/** Selects lines of one Deployment. */
export interface LogFilter {
  releaseName: string;
  component?: string | undefined;
  /** RFC 3339: only lines from this time on. */
  from?: string | undefined;
  /** Words that a line must contain in this order; the last one may be the beginning of a word. */
  search?: string | undefined;
}

/** Both names are used for the component that runs tasks. */
const workers = ["worker", "workers"];

const namesOf = (component: string) => (workers.includes(component) ? workers : [component]);

/**
 * The body of a search. Input is only used as a value, never as part of a query language. Phrase queries match names
 * whether the index stores them as keywords or as text.
 */
export function queryOf(request: LogFilter & { order: "asc" | "desc"; size: number; offset?: number }) {
  const { releaseName, component, from, search, order, size, offset = 0 } = request;
  const filter: object[] = [{ match_phrase: { release: releaseName } }];
  if (component !== undefined) {
    const should = namesOf(component).map((name) => ({ match_phrase: { component: name } }));
    filter.push({ bool: { should, minimum_should_match: 1 } });
  }
  if (from !== undefined) filter.push({ range: { "@timestamp": { gte: from } } });
  if (search !== undefined) filter.push({ match_phrase_prefix: { message: { query: search } } });
  return {
    query: { bool: { filter } },
    // An index without lines has no mapping for the field.
    sort: [{ "@timestamp": { order, unmapped_type: "date" } }],
    from: offset,
    size,
    track_total_hits: false,
    timeout: "8s",
    _source: ["@timestamp", "release", "component", "level", "message"],
  };
}
