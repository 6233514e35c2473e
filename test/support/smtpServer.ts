import { once } from "node:events";
import { simpleParser } from "mailparser";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

/** A mail server on loopback that accepts everything unless `options` say otherwise. */
export async function smtpServer(port: number, options: SMTPServerOptions = {}) {
  /** The Message-IDs of the e-mails that it accepted, with repetitions. */
  const accepted: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    disableReverseLookup: true,
    onData: (stream, _session, done) => {
      simpleParser(stream).then(({ messageId = "" }) => {
        accepted.push(messageId);
        done();
      }, done);
    },
    ...options,
  });
  server.on("error", () => undefined);
  server.listen(port, "127.0.0.1");
  await once(server.server, "listening");
  return { accepted, close: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}
