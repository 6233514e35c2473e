import { createSocket, type RemoteInfo } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { afterAll, describe, expect, it, vi } from "vitest";
import { HostNotAllowed, resolveAllowed } from "../../src/platform/outbound/resolveAllowed.ts";

/** A name server on this machine. `queries` contains what it received; `answer` creates each response, or undefined for none. */
async function nameServer(answer: (question: Buffer) => Buffer | undefined) {
  const queries: Buffer[] = [];
  const socket = createSocket("udp4", (question: Buffer, from: RemoteInfo) => {
    queries.push(question);
    const response = answer(question);
    if (response) socket.send(response, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  afterAll(() => socket.close());
  const resolver = new Resolver({ timeout: 60_000, tries: 1 });
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return { queries, resolver };
}

/** Returns the given addresses for the queried type (1: IPv4, 28: IPv6). */
const withAddresses = (v4: string[], v6: Buffer[]) => (question: Buffer) => {
  const end = question.indexOf(0, 12) + 5;
  const kind = question.readUInt16BE(end - 4);
  const found = kind === 1 ? v4.map((one) => Buffer.from(one.split(".").map(Number))) : v6;
  const head = Buffer.from(question.subarray(0, end));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(found.length, 6);
  head.writeUInt32BE(0, 8);
  const rows = found.map((one) =>
    Buffer.concat([Buffer.from([0xc0, 12, 0, kind, 0, 1, 0, 0, 0, 0, 0, one.length]), one]),
  );
  return Buffer.concat([head, ...rows]);
};

const url = new URL("https://git.example.com/dags.git");
const never = new AbortController().signal;
const v6 = Buffer.from("26064700000000000000000000001111", "hex");

describe("resolveAllowed", () => {
  it("returns every address of a name, of both types or one", async () => {
    const both = await nameServer(withAddresses(["93.184.216.34", "1.1.1.1"], [v6]));
    expect(await resolveAllowed(url, "public", never, both.resolver)).toEqual([
      { address: "93.184.216.34", family: 4 },
      { address: "1.1.1.1", family: 4 },
      { address: "2606:4700::1111", family: 6 },
    ]);
    const one = await nameServer(withAddresses([], [v6]));
    expect(await resolveAllowed(url, "public", never, one.resolver)).toEqual([
      { address: "2606:4700::1111", family: 6 },
    ]);
  });

  it("rejects a name if any of its addresses is not allowed", async () => {
    const { resolver } = await nameServer(withAddresses(["93.184.216.34", "10.0.0.1"], []));
    await expect(resolveAllowed(url, "public", never, resolver)).rejects.toThrow(HostNotAllowed);
    expect(await resolveAllowed(url, "private", never, resolver)).toHaveLength(2);
  });

  it("uses the hosts file without querying the name server", async () => {
    const { queries, resolver } = await nameServer(withAddresses(["93.184.216.34"], []));
    const found = await resolveAllowed(new URL("https://localhost/x"), "private", never, resolver);
    expect(found).toContainEqual({ address: "127.0.0.1", family: 4 });
    await expect(resolveAllowed(new URL("https://localhost/x"), "public", never, resolver)).rejects.toThrow(
      HostNotAllowed,
    );
    expect(queries).toEqual([]);
  });

  it("reports that a name has no address", async () => {
    const { resolver } = await nameServer(withAddresses([], []));
    await expect(resolveAllowed(url, "public", never, resolver)).rejects.toMatchObject({ code: "ENODATA" });
  });

  it("stops waiting for a name server that does not respond", async () => {
    const { queries, resolver } = await nameServer(() => undefined);
    const cancel = vi.spyOn(resolver, "cancel");
    const abort = new AbortController();
    const found = resolveAllowed(url, "public", abort.signal, resolver);
    found.catch(() => undefined);
    await vi.waitFor(() => expect(queries).toHaveLength(2), { timeout: 10_000 });
    abort.abort(new Error("too late"));
    await expect(found).rejects.toThrow("too late");
    expect(cancel).toHaveBeenCalledOnce();
  });
});
