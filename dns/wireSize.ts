/** Octets of SRV answers on the wire, as name servers write them: unsigned, without addresses of the targets. */
import { wireLength } from "./names.ts";

/** Header of a message (RFC 1035 section 4.1.1). */
const HEADER_OCTETS = 12;

/** Type and class of the question (RFC 1035 section 4.1.2). */
const QUESTION_FIXED_OCTETS = 4;

/**
 * A record's owner, which is a pointer to the question (RFC 1035 section 4.1.4), its type, class, TTL and length,
 * and the priority, weight and port of its data. The target follows in full: RFC 2782 allows it no compression.
 */
const SRV_FIXED_OCTETS = 2 + 10 + 6;

/** An OPT record without options (RFC 6891 section 6.1.2): in an answer wherever it was in the query. */
const OPT_OCTETS = 11;

/** Longest answer over UDP to a client without EDNS (RFC 1035 section 4.2.1). */
export const PLAIN_ANSWER_OCTETS = 512;

export interface AnswerOptions {
  /** Whether the client asks with EDNS, so that the answer has an OPT record. Default: it does not. */
  readonly edns?: boolean;
}

/**
 * Octets of the answer that holds the whole SRV set. Addresses of the targets come on top where there is room;
 * servers leave them out without a mark where there is none (RFC 2181 section 9).
 * @param owner the name that is asked, for example `_sips._tcp.euro.sip.example.net`.
 * @param targets the host names that the set lists.
 */
export function srvAnswerOctets(
  owner: string,
  targets: readonly string[],
  { edns = false }: AnswerOptions = {},
): number {
  const question = wireLength(owner) + QUESTION_FIXED_OCTETS;
  const answers = targets.reduce((sum, target) => sum + SRV_FIXED_OCTETS + wireLength(target), 0);
  return HEADER_OCTETS + question + answers + (edns ? OPT_OCTETS : 0);
}

/**
 * How many further targets as long as `longest` fit into an answer of `maxOctets` beside `others`. More than 512
 * octets are sent to clients with EDNS only, so the OPT record counts from there on.
 */
export function srvTargetsThatFit(
  owner: string,
  longest: string,
  maxOctets: number,
  others: readonly string[] = [],
): number {
  const edns = maxOctets > PLAIN_ANSWER_OCTETS;
  const taken = srvAnswerOctets(owner, others, { edns });
  return Math.max(0, Math.floor((maxOctets - taken) / (SRV_FIXED_OCTETS + wireLength(longest))));
}
