/** Reading the certificate requests that the nodes of an inventory folder name. */
import { readFileSync, realpathSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { type CertificateRequest, readCertificateRequest } from "./certificateRequest.ts";
import type { DraftNode } from "./draft.ts";
import { reasonOf } from "./fileReason.ts";
import { type JsonPath, valueText } from "./jsonc.ts";
import type { RuleId } from "./rules/catalogue.ts";
import { requestFiles, staysInside } from "./rules/certificateRules.ts";
import { type Finding, finding } from "./rules/finding.ts";

/** A request for a hundred long names has less than 40 KB. */
const MAX_REQUEST_BYTES = 64 * 1024;

export interface RequestReading {
  /** By the path that the nodes name. */
  readonly requests: Readonly<Record<string, CertificateRequest>>;
  readonly findings: readonly Finding[];
}

/** Rules `csr-path` and `csr-file`, as far as they need the files; and the requests that keep them. */
export function readRequests(folder: string, nodes: readonly DraftNode[]): RequestReading {
  const named = nodes.flatMap(({ index, csr }) => requestFiles(csr, index));
  const requests: [string, CertificateRequest][] = [];
  const findings: Finding[] = [];
  for (const [file, mentions] of Map.groupBy(named, ({ file }) => file)) {
    // Its text alone tells that it leads outside, which the rules have said already.
    if (!staysInside(file)) continue;
    const reading = readRequestFile(folder, file);
    if ("pem" in reading) requests.push([file, reading]);
    else findings.push(...mentions.map(({ path }) => refusal(file, path, reading)));
  }
  return { requests: Object.fromEntries(requests), findings };
}

interface Refused {
  readonly rule: RuleId;
  /** What is wrong, as the predicate of a sentence. */
  readonly fault: string;
  readonly remedy?: string;
}

function refusal(file: string, path: JsonPath, { rule, fault, remedy }: Refused): Finding {
  const message = `csr ${valueText(file)} ${fault}`;
  const detail = { message, value: file, ...(remedy === undefined ? {} : { remedy }) };
  return finding(rule, "nodes", path, detail);
}

function readRequestFile(folder: string, file: string): CertificateRequest | Refused {
  const text = textOf(folder, file);
  if (typeof text !== "string") return text;
  const reading = readCertificateRequest(text);
  return "fault" in reading ? { rule: "csr-file", ...reading } : reading;
}

function textOf(folder: string, file: string): string | Refused {
  const rule = "csr-file";
  try {
    const inside = realpathSync(folder) + sep;
    const real = realpathSync(join(folder, file));
    if (!real.startsWith(inside)) {
      return { rule: "csr-path", fault: "is a link to outside the inventory folder" };
    }
    const stats = statSync(real);
    if (!stats.isFile()) return { rule, fault: "is no regular file" };
    if (stats.size > MAX_REQUEST_BYTES) {
      return { rule, fault: `has ${stats.size} bytes, more than any certificate request` };
    }
    return readFileSync(real, "latin1");
  } catch (error) {
    return { rule, fault: `is not usable: ${reasonOf(error)}` };
  }
}
