/** Reads what is live at Cloudflare: one list per zone, at the start of a run, in preview as in update. */
import * as cloudflare from "@pulumi/cloudflare";
import { type ObservedRow, POOL_ORIGIN } from "../plan/observed.ts";
import type { CloudflareZone } from "./cloudflare.ts";
import { observedData, observedName } from "./observedData.ts";

/** The SDK stops at 1,000 items unless told otherwise; no zone or account has this many. */
const ALL_ITEMS = 100_000;

/**
 * What lists nodes, a list per type: the provider's list of a whole zone breaks where a CAA record is in it, which has
 * a field that no record beside it has (terraform-provider-cloudflare issue 7004, read 2026-11).
 */
const OBSERVED_TYPES = ["A", "AAAA", "CNAME", "SRV"] as const;

/** Records of the zone, and the origins of the account's pools where `withPools`. Per type a call per 100 records. */
export async function observeCloudflare(zone: CloudflareZone, withPools: boolean): Promise<ObservedRow[]> {
  const { accountId, zoneId } = zone;
  const [lists, pools] = await Promise.all([
    Promise.all(
      OBSERVED_TYPES.map((type) => cloudflare.getDnsRecords({ zoneId, type, maxItems: ALL_ITEMS })),
    ),
    withPools ? cloudflare.getLoadBalancerPools({ accountId, maxItems: ALL_ITEMS }) : { results: [] },
  ]);
  const records = lists.flatMap(({ results }) => results);
  return [
    ...records.map(({ id, name, type, content, data }): ObservedRow => {
      const { priority, weight, port, target } = data ?? {};
      const text = type === "SRV" ? `${priority} ${weight} ${port} ${target}` : content;
      return {
        backend: "cloudflare",
        id,
        name: observedName(name),
        type,
        data: observedData(type, text),
      };
    }),
    ...pools.results.flatMap(({ id, name, origins }) =>
      (origins ?? []).map(
        ({ address }): ObservedRow => ({ backend: "cloudflare", id, name, type: POOL_ORIGIN, data: address }),
      ),
    ),
  ];
}
