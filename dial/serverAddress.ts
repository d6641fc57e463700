/** The address of a server as a person writes it. */
import { isIP, isIPv6 } from "node:net";

export interface ServerAddress {
  /** IPv4 or IPv6 address, without brackets. */
  readonly address: string;
  /** 1 to 65535. */
  readonly port: number;
}

/** Reads `IPv4:PORT` or `[IPv6]:PORT`; undefined when the text is neither. */
export function parseServerAddress(text: string): ServerAddress | undefined {
  const match = /^(?:\[(?<v6>[^\]]+)\]|(?<v4>[^:]+)):(?<port>\d{1,5})$/.exec(text);
  const { v4, v6, port } = match?.groups ?? {};
  const portNumber = Number(port);
  if (!(portNumber >= 1 && portNumber <= 65535)) return undefined;
  if (v6 !== undefined) return isIPv6(v6) ? { address: v6, port: portNumber } : undefined;
  return v4 !== undefined && isIP(v4) === 4 ? { address: v4, port: portNumber } : undefined;
}

/** The address as `parseServerAddress` reads it. */
export function serverAddressText({ address, port }: ServerAddress): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
