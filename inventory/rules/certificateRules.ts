/** Rules of certificates: the requests that nodes name, the keys that the provider can make, the time to renew. */
import { ACME_PROFILE_FACTS } from "../acmeProfiles.ts";
import { CERTIFICATE_PROFILES } from "../certificateKinds.ts";
import type { Draft } from "../draft.ts";
import { type JsonPath, valueText } from "../jsonc.ts";
import { nodeCertificates } from "../nodeCertificates.ts";
import type { Node } from "../nodeSchema.ts";
import { type Finding, finding } from "./finding.ts";

/** Each certificate request that the node's entry names, with the place where it is named. */
export function requestFiles(csr: Node["csr"], index: number): { file: string; path: JsonPath }[] {
  if (csr === undefined) return [];
  if (typeof csr === "string") return [{ file: csr, path: [index, "csr"] }];
  return CERTIFICATE_PROFILES.flatMap((profile) => {
    const file = csr[profile];
    return file === undefined ? [] : [{ file, path: [index, "csr", profile] }];
  });
}

/** Whether the text is a relative path with forward slashes that never leaves its folder. */
export function staysInside(file: string): boolean {
  if (file === "" || /^[/~]|^[A-Za-z]:|[\\\p{Cc}]/u.test(file)) return false;
  return file.split("/").every((part) => part !== ".." && part !== "");
}

/** Rule `csr-path`, as far as the text of the path tells. */
export function* requestPaths({ nodes }: Draft): Generator<Finding> {
  for (const { index, csr } of nodes) {
    for (const { file, path } of requestFiles(csr, index)) {
      if (staysInside(file)) continue;
      const message = `csr ${valueText(file)} is no path inside the inventory folder`;
      yield finding("csr-path", "nodes", path, { message, value: file });
    }
    if (typeof csr === "object" && Object.keys(csr).length === 0) {
      const message = "csr names no file";
      yield finding("csr-path", "nodes", [index, "csr"], { message, value: csr });
    }
  }
}

/** Rule `csr-profiles`: a request names exactly what one certificate holds, and is there for one that exists. */
export function* requestProfiles(draft: Draft): Generator<Finding> {
  if (!draft.isWhole("policy", "certificates", "profiles")) return;
  for (const node of draft.nodes) {
    const { index, csr } = node;
    const held = nodeCertificates(node, draft.policy).map(({ profile }) => profile);
    if (typeof csr === "string" && held.length > 1) {
      const message = `csr ${valueText(csr)} is one request, and the certificates are of the profiles ${held.join(" and ")}`;
      yield finding("csr-profiles", "nodes", [index, "csr"], { message, value: csr });
    }
    if (typeof csr !== "object") continue;
    for (const profile of CERTIFICATE_PROFILES) {
      const file = csr[profile];
      if (file === undefined || held.includes(profile)) continue;
      const message = `csr ${valueText(file)} is for a certificate of the profile ${profile}, which the node does not have`;
      const remedy = `remove the key, or list "${profile}" among the profiles`;
      yield finding("csr-profiles", "nodes", [index, "csr", profile], { message, value: file, remedy });
    }
  }
}

/** Rule `key-type`: told where the type is written, for the policy's once. */
export function* keyTypes(draft: Draft): Generator<Finding> {
  const unmade = draft.nodes.filter(
    (node) =>
      node.status !== "retired" &&
      nodeCertificates(node, draft.policy).some(
        ({ keyType, csr }) => keyType === "rsa3072" && csr === undefined,
      ),
  );
  const message = (who: string) =>
    `${who} no certificate request, and the provider makes no RSA key of 3072 bits`;
  const value = "rsa3072";
  for (const { index, slot, certificates } of unmade) {
    if (certificates?.keyType === undefined) continue;
    const path = [index, "certificates", "keyType"];
    yield finding("key-type", "nodes", path, { message: message(`${slot} has`), value });
  }
  const byPolicy = unmade.filter(({ certificates }) => certificates?.keyType === undefined);
  if (byPolicy.length === 0) return;
  const who = byPolicy.length === 1 ? `${byPolicy[0]?.slot} has` : `${byPolicy.length} nodes have`;
  yield finding("key-type", "tree", ["policy", "certificates", "keyType"], { message: message(who), value });
}

/** Part of a certificate's life that may be left when it is renewed. Earlier, each run would soon renew it. */
const MOST_LEFT = 2 / 3;
const HOURS_PER_DAY = 24;

/** Rule `renewal-time`. */
export function* renewalTimes({ policy }: Draft): Generator<Finding> {
  const { acmeProfile, minDaysRemaining } = policy.certificates;
  const { lifetimeHours } = ACME_PROFILE_FACTS[acmeProfile];
  const mostDays = Math.floor((lifetimeHours * MOST_LEFT) / HOURS_PER_DAY);
  if (minDaysRemaining <= mostDays) return;
  const message = `${acmeProfile} certificates live ${lifetimeText(lifetimeHours)}, and would be renewed ${minDaysRemaining} days before their end`;
  yield finding("renewal-time", "tree", ["policy", "certificates", "minDaysRemaining"], {
    message,
    value: minDaysRemaining,
    remedy: `write ${mostDays} at most`,
  });
}

/** Rule `floor-days`. */
export function* floors({ policy }: Draft): Generator<Finding> {
  const { floorDays, minDaysRemaining } = policy.certificates;
  if (floorDays === undefined || floorDays < minDaysRemaining) return;
  const message = `${floorDays} days are the floor, and the renewal begins at ${minDaysRemaining}`;
  const path = ["policy", "certificates", "floorDays"];
  yield finding("floor-days", "tree", path, { message, value: floorDays });
}

function lifetimeText(hours: number): string {
  return hours % HOURS_PER_DAY === 0 ? `${hours / HOURS_PER_DAY} days` : `${hours} hours`;
}
