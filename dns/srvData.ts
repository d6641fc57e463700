/** The data of an SRV record as text (RFC 2782): `priority weight port target`. */

/** One SRV record's data. `target` is lower case without trailing dot; `.` alone means "no such service". */
export interface SrvData {
  /** 0 to 65535; lower is tried first. */
  readonly priority: number;
  /** 0 to 65535; a share among records of equal priority. */
  readonly weight: number;
  /** 0 to 65535. */
  readonly port: number;
  readonly target: string;
}

/** The target that says that the service is decidedly not available (RFC 2782, "Target"). */
export const NO_SERVICE = ".";

const PRESENTATION = /^(\d{1,5})[ \t]+(\d{1,5})[ \t]+(\d{1,5})[ \t]+(\S{1,255})$/;

/** Reads SRV data in presentation form; undefined when it is none. The trailing dot is optional. */
export function parseSrvData(text: string): SrvData | undefined {
  const [, priority, weight, port, target] = PRESENTATION.exec(text.trim()) ?? [];
  if (target === undefined) return undefined;
  const numbers = [Number(priority), Number(weight), Number(port)] as const;
  if (numbers.some((number) => number > 65535)) return undefined;
  const name = target === NO_SERVICE ? NO_SERVICE : target.toLowerCase().replace(/\.$/, "");
  return { priority: numbers[0], weight: numbers[1], port: numbers[2], target: name };
}
