/** `cloudflare.DnsRecord` and the listing of a zone, behaving as the real provider does. */
import type { CloudflareDns, DnsRecordRequest, DnsRecordRow } from "../store/cloudflareDns.ts";
import { type CloudflareCall, importId, isMissing } from "./cloudflareCall.ts";
import { type CheckFailure, type Invoke, type Properties, pick, type ResourceType } from "./provider.ts";

/** Types that the provider's schema knows; the lab's store holds fewer. */
const RECORD_TYPES =
  "A AAAA CNAME MX NS OPENPGPKEY PTR TXT CAA CERT DNSKEY DS HTTPS LOC NAPTR SMIMEA SRV SSHFP SVCB TLSA URI".split(
    " ",
  );

const SIXTEEN_BIT_FIELDS = ["weight", "port", "priority", "order", "preference"];

export function dnsRecord(dns: CloudflareDns, call: CloudflareCall): ResourceType {
  return {
    properties: {
      name: { required: true },
      ttl: { required: true },
      type: { required: true, replaces: true },
      zoneId: { required: true, replaces: true },
      content: { computed: true },
      data: {},
      priority: {},
      comment: {},
      proxied: { default: false },
      privateRouting: { computed: true },
      includeShadowMetadata: { computed: true },
      settings: { computed: true },
      tags: { computed: true },
    },
    check: checkRecord,
    async create(inputs) {
      const zoneId = String(inputs.zoneId);
      const row = await call(`POST "/zones/${zoneId}/dns_records"`, () => dns.create(zoneId, sent(inputs)));
      return { id: row.id, outputs: { ...inputs, ...computed(row) } };
    },
    async read(id, outputs) {
      const { owner, object } = importId(id, outputs.zoneId, "<zone_id>/<dns_record_id>");
      try {
        const row = await call(`GET "/zones/${owner}/dns_records/${object}"`, () => dns.read(owner, object));
        return { id: object, outputs: { zoneId: owner, ...reported(row) } };
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    async update(id, outputs, inputs) {
      const zoneId = String(outputs.zoneId);
      // The provider sends the old content beside new data; the API ignores it.
      const row = await call(`PUT "/zones/${zoneId}/dns_records/${id}"`, () =>
        dns.update(zoneId, id, { ...pick(outputs, ["content"]), ...sent(inputs) }),
      );
      return { ...inputs, ...computed(row) };
    },
    async delete(id, outputs) {
      const zoneId = String(outputs.zoneId);
      // A record that is already gone is an error here, as it is there.
      await call(`DELETE "/zones/${zoneId}/dns_records/${id}"`, () => dns.delete(zoneId, id));
    },
    importInputs(outputs) {
      const value = outputs.data === undefined ? "content" : "data";
      return pick(outputs, ["name", "ttl", "type", "zoneId", "proxied", value, "priority", "comment"]);
    },
  };
}

/**
 * `cloudflare.getDnsRecords`: the records of the zone, or those of one `type`; the first `maxItems` of them. With CAA
 * and other records in one list the real one breaks Terraform (terraform-provider-cloudflare issue 7004); what Pulumi
 * makes of it was not run, so that the lab lets nobody rely on it.
 */
export function getDnsRecords(dns: CloudflareDns, call: CloudflareCall): Invoke {
  return async (args) => {
    const zoneId = String(args.zoneId);
    const unsupported = Object.keys(args).filter((key) => !["zoneId", "maxItems", "type"].includes(key));
    if (unsupported.length > 0)
      throw new Error(`the lab's getDnsRecords does not filter by ${unsupported.join(", ")}`);
    const all = await call(`GET "/zones/${zoneId}/dns_records"`, () => dns.list(zoneId));
    const ofType = all.filter(({ type }) => args.type === undefined || type === args.type);
    const rows = ofType.slice(0, Number(args.maxItems ?? ofType.length));
    if (new Set(rows.map(({ type }) => type === "CAA")).size > 1) {
      throw new Error('inconsistent list element types ("flags": cty.DynamicPseudoType, then cty.Number)');
    }
    return { ...args, results: rows.map((row) => ({ id: row.id, ...reported(row) })) };
  };
}

/** What the lab says it has assigned: two, as the service does. */
const NAME_SERVERS = ["ada.ns.cloudflare.test", "bob.ns.cloudflare.test"];

/** `cloudflare.getZone`, by id: the parts that this project reads. */
export function getZone(dns: CloudflareDns): Invoke {
  return async ({ zoneId }) => {
    const zone = dns.zones.find((candidate) => candidate.zoneId === zoneId);
    if (zone === undefined)
      throw new Error(`failed to make http request: GET "/zones/${String(zoneId)}": 404`);
    return { id: zone.zoneId, zoneId: zone.zoneId, name: zone.zone, nameServers: NAME_SERVERS };
  };
}

function checkRecord(inputs: Properties): readonly CheckFailure[] {
  const failures: CheckFailure[] = [];
  if (typeof inputs.type === "string" && !RECORD_TYPES.includes(inputs.type)) {
    const known = RECORD_TYPES.map((type) => `"${type}"`).join(" ");
    failures.push({
      property: "type",
      reason: `Attribute type value must be one of: [${known}], got: "${inputs.type}"`,
    });
  }
  const data = (inputs.data ?? {}) as Properties;
  for (const field of SIXTEEN_BIT_FIELDS) {
    const value = data[field];
    if (typeof value === "number" && (value < 0 || value > 65535)) {
      const reason = `Attribute data.${field} value must be between 0 and 65535, got: ${value}`;
      failures.push({ property: `data.${field}`, reason });
    }
  }
  if (inputs.content !== undefined && inputs.data !== undefined) {
    const clash = (property: string, other: string) => ({
      property,
      reason: `Attribute "${other}" cannot be specified when "${property}" is specified`,
    });
    failures.push(clash("content", "data"), clash("data", "content"));
  }
  return failures;
}

function sent(inputs: Properties): DnsRecordRequest {
  const keys = ["name", "type", "content", "data", "priority", "ttl", "comment", "tags"];
  return { ...pick(inputs, keys), proxied: inputs.proxied ?? false } as DnsRecordRequest;
}

/** What create and update add to the inputs. A priority that was not given shows only when it is read. */
function computed(row: DnsRecordRow): Properties {
  const { content, proxied, createdOn, modifiedOn, tags } = row;
  return {
    content,
    proxied,
    createdOn,
    modifiedOn,
    tags: tags ?? [],
    settings: {},
    proxiable: isAddress(row),
  };
}

function reported(row: DnsRecordRow): Properties {
  return {
    ...pick(row as unknown as Properties, ["name", "type", "ttl", "data", "priority", "comment"]),
    ...computed(row),
  };
}

function isAddress(row: DnsRecordRow): boolean {
  return ["A", "AAAA", "CNAME"].includes(row.type);
}
