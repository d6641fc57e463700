/** The subjectAltName entries of a certificate, from the text that Node.js gives for them. */

/** `other` is any form that names no SIP domain: e-mail, IP address, directory name. */
export interface SubjectAltName {
  readonly kind: "dns" | "uri" | "other";
  readonly value: string;
}

const ENTRY = /([A-Za-z][A-Za-z ]*):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/y;

/**
 * Reads `X509Certificate.subjectAltName`, for example `DNS:sip.example.net, URI:sip:example.net`. Values with
 * special characters stand there as JSON strings, so that a comma in a value cannot start another entry.
 * Undefined when the certificate has no such extension; unreadable text ends the list.
 */
export function parseSubjectAltNames(text: string | undefined): readonly SubjectAltName[] | undefined {
  if (text === undefined || text === "") return undefined;
  const names: SubjectAltName[] = [];
  ENTRY.lastIndex = 0;
  for (let entry = ENTRY.exec(text); entry !== null; entry = ENTRY.exec(text)) {
    const [, label = "", raw = ""] = entry;
    const kind = label === "DNS" ? "dns" : label === "URI" ? "uri" : "other";
    names.push({ kind, value: raw.startsWith('"') ? unquote(raw) : raw });
    if (ENTRY.lastIndex >= text.length) break;
  }
  return names;
}

function unquote(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}
