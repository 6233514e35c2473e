import { describe, expect, it } from "vitest";
import { mayConnect } from "../../src/platform/outbound/addressPolicy.ts";

describe("mayConnect", () => {
  it.each([
    "8.8.8.8",
    "140.82.121.3",
    "1.0.0.0",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.1",
    "192.0.1.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2606:50c0:8000::153",
    "2a00:1450:4001::1",
    "2001:200::1",
    "3ffe::1",
  ])("allows the public address %s", (address) => {
    expect(mayConnect(address, "public")).toBe(true);
    expect(mayConnect(address, "private")).toBe(true);
  });

  it.each([
    "127.0.0.1",
    "127.255.255.255",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "10.0.0.0",
    "10.255.255.255",
    "192.168.255.255",
    // Carrier-grade NAT.
    "100.64.0.1",
    "100.127.255.255",
    // Benchmarking.
    "198.18.0.1",
    "198.19.255.255",
    "::1",
    // Unique local.
    "fc00::1",
    "fd12:3456::1",
    "fdff::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:c0a8:101",
  ])("allows %s only when private networks are allowed", (address) => {
    expect(mayConnect(address, "public")).toBe(false);
    expect(mayConnect(address, "private")).toBe(true);
  });

  it.each([
    // This network.
    "0.0.0.0",
    "0.255.255.255",
    // Link-local, and the metadata services of clouds.
    "169.254.0.1",
    "169.254.169.254",
    "fe80::1",
    "fe80::1%eth0",
    "febf::1",
    "100.100.100.200",
    "168.63.129.16",
    "fd00:ec2::254",
    "fd00:0ec2:0:0:0:0:0:254",
    "fd00:ec2::254%1",
    "fd20:ce::254",
    "::ffff:100.100.100.200",
    "::ffff:168.63.129.16",
    // Protocol assignments, documentation, former relays for 6to4.
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "198.51.100.1",
    "203.0.113.1",
    "192.88.99.1",
    "2001:db8::1",
    "3fff::1",
    "3fff:fff::1",
    // Multicast, reserved, broadcast.
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "ff02::1",
    "::",
    // Site-local, discarded.
    "fec0::1",
    "100::1",
    // IPv4 inside IPv6: mapped, compatible, translated, NAT64, 6to4, Teredo.
    "::ffff:169.254.169.254",
    "::ffff:8.8.8.8",
    "::127.0.0.1",
    "::7f00:1",
    "::ffff:0:7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "2001::1",
    "2001:0:808:808::1",
    // Benchmarking, ORCHID and other special networks.
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:1ff::1",
    "192.31.196.1",
    "192.52.193.1",
    "192.175.48.1",
    "2620:4f:8000::1",
    // Not assigned.
    "4000::1",
    "1fff::1",
    "5f00::1",
    "e000::1",
    // Not an address, or not in full.
    "localhost",
    "",
    "1",
    "127.1",
    "0x7f.0.0.1",
    "010.0.0.1",
    "[::1]",
  ])("never allows %s", (address) => {
    expect(mayConnect(address, "public")).toBe(false);
    expect(mayConnect(address, "private")).toBe(false);
  });
});
