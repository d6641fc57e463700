/**
 * Networks as plain numbers: comparing objects of the address library costs most of a large inventory's time.
 */
import ipaddr from "ipaddr.js";

export interface Network {
  readonly bytes: readonly number[];
  readonly prefixBits: number;
}

/** Reads `192.0.2.0/24` or `2001:db8::/32`. */
export function networkOf(block: string): Network {
  const [address, prefixBits] = ipaddr.parseCIDR(block);
  return { bytes: address.toByteArray(), prefixBits };
}

/** The 4 or 16 octets of a canonical address. */
export function addressOctets(address: string): readonly number[] {
  return ipaddr.parse(address).toByteArray();
}

/** Whether the network holds the address, both of one family. */
export function contains({ bytes, prefixBits }: Network, address: readonly number[]): boolean {
  return (
    bytes.length === address.length &&
    bytes.every((byte, position) => {
      const bits = Math.min(Math.max(prefixBits - 8 * position, 0), 8);
      return (byte ^ (address[position] ?? 0)) >> (8 - bits) === 0;
    })
  );
}
