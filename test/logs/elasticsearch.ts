import { jsonServer, type ReceivedRequest, type Reply } from "../support/jsonServer.ts";

/** A line as the log collector stores it. */
export interface Stored {
  id: string;
  timestamp: string;
  release: string;
  component: string;
  message: string;
}

/** The words of a text, as the standard analyzer splits it. */
const words = (text: string) => text.toLowerCase().match(/\w+/g) ?? [];

function holds(text: string, phrase: string, prefix = false) {
  const [all, wanted] = [words(text), words(phrase)];
  return all.some((_, at) =>
    wanted.every((word, nth) =>
      prefix && nth === wanted.length - 1 ? all[at + nth]?.startsWith(word) : all[at + nth] === word,
    ),
  );
}

// biome-ignore lint/suspicious/noExplicitAny: a clause is whatever the documentation of Elasticsearch says.
function meets(line: Stored, clause: any): boolean {
  if (clause.bool?.should) return clause.bool.should.some((one: unknown) => meets(line, one));
  if (clause.range) return Date.parse(line.timestamp) >= Date.parse(clause.range["@timestamp"].gte);
  const [field, value] =
    Object.entries<string & { query: string }>(clause.match_phrase ?? clause.match_phrase_prefix)[0] ?? [];
  if (!field || !value) throw new Error("A clause that nobody wrote");
  if (clause.match_phrase_prefix) return holds(line.message, value.query, true);
  return holds(String(line[field as keyof Stored]), value);
}

/**
 * An Elasticsearch that runs the clauses sent by Houston over `lines`. `instead` replaces its response.
 */
export async function elasticsearch() {
  const state: { lines: Stored[]; instead: ((request: ReceivedRequest) => Reply) | undefined } = {
    lines: [],
    instead: undefined,
  };
  const server = await jsonServer((request) => {
    if (state.instead) return state.instead(request);
    const { query, sort, from, size } = request.body;
    const direction = sort[0]["@timestamp"].order === "asc" ? 1 : -1;
    const found = state.lines
      .filter((line) => query.bool.filter.every((clause: unknown) => meets(line, clause)))
      .sort((a, b) => direction * (Date.parse(a.timestamp) - Date.parse(b.timestamp)))
      .slice(from, from + size);
    const hits = found.map(({ id, timestamp, ...rest }) => ({
      _index: `fluentd.${rest.release}.2026.11.24`,
      _id: id,
      _source: { "@timestamp": timestamp, ...rest },
      sort: [Date.parse(timestamp)],
    }));
    return { status: 200, body: { took: 1, timed_out: false, hits: { hits } } };
  });
  return Object.assign(state, server);
}
