/** Response codes by name and number (RFC 1035 section 4.1.1; 16 and above need EDNS, RFC 6891 section 6.1.3). */
export const RCODES = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  BADVERS: 16,
} as const;

export type Rcode = keyof typeof RCODES;

/** The code's name, or `RCODE<number>` for one that is not in the list. */
export function rcodeName(code: number): string {
  return Object.entries(RCODES).find(([, number]) => number === code)?.[0] ?? `RCODE${code}`;
}
