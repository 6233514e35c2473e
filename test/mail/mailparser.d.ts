declare module "mailparser" {
  /** The parts of a parsed mail that tests read. */
  export interface ParsedMail {
    subject?: string;
    text?: string;
    html: string | false;
    messageId?: string;
    from?: { text: string };
    to?: { text: string };
    headers: Map<string, unknown>;
    headerLines: { key: string; line: string }[];
  }
  export function simpleParser(source: Buffer | NodeJS.ReadableStream): Promise<ParsedMail>;
}
