/**
 * The record sections of a message with their owner names compressed (RFC 1035 section 4.1.4), which dns-packet
 * does not do: without it an SRV row would be twice as long as on any other server, and answers would be cut
 * where theirs are not. Names inside the data are written in full, as RFC 2782 demands of SRV targets.
 */
import dnsPacket from "dns-packet";
import { type PresentedRecord, toAnswer } from "../../dial/recordData.ts";

/** A pointer has 14 bits for the offset. */
const POINTER_LIMIT = 0x4000;
const POINTER_MARK = 0xc000;

const HEADER_OCTETS = 12;

/** What dns-packet writes before the type of a lone record at the root: the header and an empty name. */
const TYPE_OFFSET_AT_ROOT = HEADER_OCTETS + 1;

/** Octets from a record's type to its data: type, class, TTL and length (RFC 1035 section 4.1.3). */
const FIXED_OCTETS = 10;

/** Where in its data a type has a name that a later owner may point at: the glue of SRV and NS, a CNAME's target. */
const TARGET_OFFSET: Readonly<Record<string, number>> = { SRV: 6, NS: 0, CNAME: 0 };

/** Octets of a label that may hold `\DDD` escapes. */
const labelOctets = (label: string): number => label.replace(/\\\d{3}/g, "?").length;

const suffixFrom = (labels: readonly string[], index: number): string =>
  labels.slice(index).join(".").toLowerCase();

function labelsOf(name: string): string[] {
  return name === "." ? [] : name.split(".");
}

export class CompressedSections {
  #octets: Buffer;
  /** Lower-case name to the offset in the message at which it is written. */
  #offsets = new Map<string, number>();

  /**
   * @param start the message so far: header, and the question if there is one.
   * @param questionName name of that question, which begins right after the header.
   */
  constructor(start: Buffer, questionName?: string) {
    this.#octets = start;
    if (questionName !== undefined) this.#remember(labelsOf(questionName), HEADER_OCTETS);
  }

  /** The message so far. */
  get octets(): Buffer {
    return this.#octets;
  }

  /** Appends the records, unless the message would then be longer than `maximumOctets`: then none of them. */
  append(records: readonly PresentedRecord[], maximumOctets: number): boolean {
    const before = { octets: this.#octets, offsets: new Map(this.#offsets) };
    for (const record of records) this.#appendOne(record);
    if (this.#octets.length <= maximumOctets) return true;
    this.#octets = before.octets;
    this.#offsets = before.offsets;
    return false;
  }

  #appendOne(record: PresentedRecord): void {
    const answer = { ...toAnswer(record), name: "." };
    const afterOwner = dnsPacket.encode({ answers: [answer] }).subarray(TYPE_OFFSET_AT_ROOT);
    const owner = this.#compressed(labelsOf(record.name));
    const dataStart = this.#octets.length + owner.length + FIXED_OCTETS;
    this.#octets = Buffer.concat([this.#octets, owner, afterOwner]);
    const target = TARGET_OFFSET[record.type];
    if (target !== undefined) {
      this.#remember(labelsOf(record.data.split(/\s+/).at(-1) ?? "."), dataStart + target);
    }
  }

  /** The owner as labels up to the first suffix that the message already holds, and a pointer to that. */
  #compressed(labels: readonly string[]): Buffer {
    const parts: Buffer[] = [];
    let end = Buffer.from([0]);
    for (const [index, label] of labels.entries()) {
      const known = this.#offsets.get(suffixFrom(labels, index));
      if (known !== undefined) {
        end = Buffer.from([(POINTER_MARK | known) >> 8, known & 0xff]);
        break;
      }
      parts.push(Buffer.from([label.length]), Buffer.from(label, "latin1"));
    }
    this.#remember(labels, this.#octets.length);
    return Buffer.concat([...parts, end]);
  }

  /** Notes where each suffix begins of a name written from `offset` on; what is known already stays as it is. */
  #remember(labels: readonly string[], offset: number): void {
    let at = offset;
    for (const [index, label] of labels.entries()) {
      const suffix = suffixFrom(labels, index);
      if (at < POINTER_LIMIT && !this.#offsets.has(suffix)) this.#offsets.set(suffix, at);
      at += 1 + labelOctets(label);
    }
  }
}
