import { describe, expect, it } from "vitest";
import { parseServerAddress, serverAddressText } from "../../../dial/serverAddress.ts";

describe("the address of a server", () => {
  it.each([
    ["127.0.0.1:53", { address: "127.0.0.1", port: 53 }],
    ["[2001:db8::1]:65535", { address: "2001:db8::1", port: 65535 }],
  ])("%s is read and written", (text, server) => {
    expect(parseServerAddress(text)).toEqual(server);
    expect(serverAddressText(server)).toBe(text);
  });

  it.each([
    "",
    "127.0.0.1",
    "127.0.0.1:",
    "127.0.0.1:0",
    "127.0.0.1:65536",
    "127.0.0.1:5 3",
    "localhost:53",
    "2001:db8::1:53",
    "[127.0.0.1]:53",
    "[2001:db8::1]",
    "127.0.0:53",
    "127.0.0.1:53:1",
    " 127.0.0.1:53",
  ])("is not %j", (text) => {
    expect(parseServerAddress(text)).toBeUndefined();
  });
});
