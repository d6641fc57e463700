/**
 * How a node makes a certificate request: a block for its shell, with nothing but openssl and POSIX in it. The key is
 * made there and stays there; what leaves the node is the request.
 */
import type { CertificateProfile, KeyType } from "../../inventory/certificateKinds.ts";
import type { CertificateOrder } from "../tree.ts";

export interface NodeRequest {
  readonly profile: CertificateProfile;
  /** What the request has to name. */
  readonly names: readonly string[];
  /** First of the names that fits; a subject needs none. */
  readonly commonName?: string;
  readonly keyType: KeyType;
  /** Names of the files on the node, in the folder where the block is run. */
  readonly keyFile: string;
  readonly configFile: string;
  readonly requestFile: string;
  /** Text of the configuration that openssl reads. */
  readonly config: string;
  /** The block to run. It prints the request. */
  readonly script: string;
  /** Where the request goes: a path inside the inventory folder. */
  readonly inventoryFile: string;
}

/** Characters of a common name (RFC 5280, upper bound ub-common-name). */
const MOST_COMMON_NAME = 64;

/** Arguments of `openssl genpkey`. */
const KEY_ARGUMENTS: Readonly<Record<KeyType, string>> = {
  rsa2048: "-algorithm RSA -pkeyopt rsa_keygen_bits:2048",
  rsa3072: "-algorithm RSA -pkeyopt rsa_keygen_bits:3072",
  rsa4096: "-algorithm RSA -pkeyopt rsa_keygen_bits:4096",
  p256: "-algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:named_curve",
  p384: "-algorithm EC -pkeyopt ec_paramgen_curve:P-384 -pkeyopt ec_param_enc:named_curve",
};

export function nodeRequest(order: CertificateOrder, keyType: KeyType): NodeRequest {
  const { slot, profile, names } = order;
  const stem = `${slot}-${profile}`;
  const commonName = names.find((name) => !name.startsWith("*") && name.length <= MOST_COMMON_NAME);
  const files = { keyFile: `${stem}.key`, configFile: `${stem}.cnf`, requestFile: `${stem}.csr` };
  const config = configText(names, commonName);
  return {
    profile,
    names,
    ...(commonName === undefined ? {} : { commonName }),
    keyType,
    ...files,
    config,
    script: scriptText(config, files, keyType, commonName === undefined),
    inventoryFile: inventoryFileOf(order),
  };
}

/** Path of the order's request inside the inventory folder: where the entry says, or where it should. */
export function inventoryFileOf({ slot, profile, csr }: Omit<CertificateOrder, "names">): string {
  return csr ?? `csr/${slot}-${profile}.csr`;
}

function configText(names: readonly string[], commonName: string | undefined): string {
  return [
    "[req]",
    "prompt = no",
    "distinguished_name = subject",
    "req_extensions = extensions",
    "[subject]",
    ...(commonName === undefined ? [] : [`CN = ${commonName}`]),
    "[extensions]",
    "subjectAltName = @names",
    "[names]",
    ...names.map((name, index) => `DNS.${index + 1} = ${name}`),
    "",
  ].join("\n");
}

/** Runs in a shell of its own, so that neither `umask` nor a failure is felt outside. A key that is there is kept. */
function scriptText(
  config: string,
  { keyFile, configFile, requestFile }: Pick<NodeRequest, "keyFile" | "configFile" | "requestFile">,
  keyType: KeyType,
  emptySubject: boolean,
): string {
  const [key, cnf, csr] = [keyFile, configFile, requestFile].map(quoted);
  const subject = emptySubject ? " -subj /" : "";
  return [
    "(",
    "set -eu",
    "umask 077",
    `cat > ${cnf} <<'END'`,
    `${config}END`,
    `[ -s ${key} ] || openssl genpkey ${KEY_ARGUMENTS[keyType]} -out ${key}`,
    `openssl req -new -sha256${subject} -config ${cnf} -key ${key} -out ${csr}`,
    `cat ${csr}`,
    ")",
    "",
  ].join("\n");
}

/** Slots and profiles are labels, which need no quotes; they have them nevertheless. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
