const HEAD_END = Buffer.from("\r\n\r\n");
const LAST_CHUNK = Buffer.from("\r\n0\r\n\r\n");

/**
 * Reads the responses on an HTTP/1.1 connection without pipelining. Pass it the bytes that arrive, and it calls `done`
 * with the status and body of each response. Supports content lengths, chunks and 204 without a body; a body of several
 * chunks includes their size lines.
 */
export function responseReader(done: (status: number, body: Buffer) => void): (data: Buffer) => void {
  let arrived: Buffer[] = [];
  let size = 0;
  let needed = 0;

  const finish = (status: number, body: Buffer) => {
    arrived = [];
    size = 0;
    needed = 0;
    done(status, body);
  };

  return (data) => {
    arrived.push(data);
    size += data.length;
    if (size < needed) return;
    const all = arrived.length === 1 ? data : Buffer.concat(arrived, size);
    const headEnd = all.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = all.toString("latin1", 0, headEnd);
    const status = Number(head.slice(9, 12));
    const bodyStart = headEnd + HEAD_END.length;
    if (status === 204) return finish(status, all.subarray(bodyStart));
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length !== undefined) {
      needed = bodyStart + Number(length);
      if (size >= needed) finish(status, all.subarray(bodyStart, needed));
      return;
    }
    if (all.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)) {
      const first = all.indexOf("\r\n", bodyStart);
      finish(status, all.subarray(first + 2, -LAST_CHUNK.length));
    }
  };
}
