/** The EDNS client subnet option (RFC 7871), read strictly: section 7.1.2 asks for FORMERR on each fault. */
import ipaddr from "ipaddr.js";

export const CLIENT_SUBNET_CODE = 8;

export interface ClientSubnet {
  /** 1 IPv4, 2 IPv6; 0 only with prefix length 0. */
  readonly family: number;
  readonly prefixLength: number;
  /** As many octets as the prefix needs. */
  readonly addressOctets: Buffer;
}

const FAMILY_OCTETS: Readonly<Record<number, number>> = { 0: 0, 1: 4, 2: 16 };

/** Reads the option's data in a query, or undefined when it is malformed. */
export function readClientSubnet(data: Buffer): ClientSubnet | undefined {
  if (data.length < 4) return undefined;
  const family = data.readUInt16BE(0);
  const prefixLength = data.readUInt8(2);
  const scopePrefixLength = data.readUInt8(3);
  const addressOctets = data.subarray(4);
  const maximumOctets = FAMILY_OCTETS[family];
  if (maximumOctets === undefined || prefixLength > maximumOctets * 8 || scopePrefixLength !== 0)
    return undefined;
  if (addressOctets.length !== Math.ceil(prefixLength / 8)) return undefined;
  const unusedBits = addressOctets.length * 8 - prefixLength;
  if (((addressOctets.at(-1) ?? 0) & ((1 << unusedBits) - 1)) !== 0) return undefined;
  return { family, prefixLength, addressOctets };
}

/** The option's data in a response: the query's, with the scope that the answer was chosen by. */
export function clientSubnetReply(subnet: ClientSubnet, scopePrefixLength: number): Buffer {
  const head = Buffer.from([
    subnet.family >> 8,
    subnet.family & 0xff,
    subnet.prefixLength,
    scopePrefixLength,
  ]);
  return Buffer.concat([head, subnet.addressOctets]);
}

/** The network in text, or undefined for prefix length 0: the client asks not to be located (section 7.1.2). */
export function subnetNetwork(
  subnet: ClientSubnet,
): { readonly address: string; readonly prefixLength: number } | undefined {
  const octets = FAMILY_OCTETS[subnet.family] ?? 0;
  if (subnet.prefixLength === 0 || octets === 0) return undefined;
  const padded = Buffer.concat([subnet.addressOctets, Buffer.alloc(octets)]).subarray(0, octets);
  return { address: ipaddr.fromByteArray([...padded]).toString(), prefixLength: subnet.prefixLength };
}
