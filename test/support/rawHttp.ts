import { connect } from "node:net";

/** Sends bytes to a server, and returns all that it answers until it closes the connection. */
export async function rawHttp(url: string, ...parts: (string | Buffer)[]): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  // The server may close while we are sending.
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()).on("error", () => undefined));
  for (const part of parts) socket.write(part);
  await closed;
  return text;
}

/**
 * Sends chunks of a body until the server closes its side of the connection, or `stubborn`ly until nothing more can be
 * sent; returns its answer and the bytes sent.
 */
export async function endlessBody(
  url: string,
  path: string,
  stubborn = false,
): Promise<{ text: string; sent: number }> {
  const { hostname, port } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: stubborn });
  let text = "";
  let open = true;
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()).on("error", () => undefined));
  const stop = () => {
    open = false;
  };
  if (!stubborn) socket.once("end", stop);
  void closed.then(stop);
  const type = "content-type: application/json\r\ntransfer-encoding: chunked";
  socket.write(`POST ${path} HTTP/1.1\r\nhost: a\r\n${type}\r\n\r\n`);
  const chunk = `4000\r\n${" ".repeat(0x4000)}\r\n`;
  let sent = 0;
  while (open) {
    sent += 0x4000;
    const more = socket.write(chunk);
    await Promise.race([
      closed,
      more ? new Promise(setImmediate) : new Promise((resolve) => socket.once("drain", resolve)),
    ]);
  }
  return { text, sent };
}
