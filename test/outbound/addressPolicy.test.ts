import { describe, expect, it } from "vitest";
import { mayConnect } from "../../src/platform/outbound/addressPolicy.ts";

describe("mayConnect", () => {
  it.each(["8.8.8.8", "140.82.121.3", "172.32.0.1", "2606:50c0:8000::153", "2a00:1450:4001::1"])(
    "allows the public address %s",
    (address) => {
      expect(mayConnect(address, "public")).toBe(true);
      expect(mayConnect(address, "private")).toBe(true);
    },
  );

  it.each([
    "127.0.0.1",
    "127.255.255.255",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "198.18.0.1",
    "::1",
    "fd12:3456::1",
    "::ffff:127.0.0.1",
  ])("allows %s only when private networks are allowed", (address) => {
    expect(mayConnect(address, "public")).toBe(false);
    expect(mayConnect(address, "private")).toBe(true);
  });

  it.each([
    "0.0.0.0",
    "169.254.169.254",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::ffff:169.254.169.254",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "fe80::1",
    "fd00:ec2::254",
    "ff02::1",
    "2001::1",
    "2002:7f00:1::",
    "localhost",
    "",
  ])("never allows %s", (address) => {
    expect(mayConnect(address, "public")).toBe(false);
    expect(mayConnect(address, "private")).toBe(false);
  });
});
