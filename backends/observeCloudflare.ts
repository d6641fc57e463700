/** Reads what is live at Cloudflare: one list per zone, at the start of a run, in preview as in update. */
import * as cloudflare from "@pulumi/cloudflare";
import { type ObservedRow, POOL_ORIGIN } from "../plan/observed.ts";
import type { CloudflareZone } from "./cloudflare.ts";
import { observedData, observedName } from "./observedData.ts";

/** The SDK stops at 1,000 items unless told otherwise; no zone or account has this many. */
const ALL_ITEMS = 100_000;

/** Records of the zone, and the origins of the account's pools where `withPools`. A call per 100 records. */
export async function observeCloudflare(zone: CloudflareZone, withPools: boolean): Promise<ObservedRow[]> {
  const { accountId, zoneId } = zone;
  const [records, pools] = await Promise.all([
    cloudflare.getDnsRecords({ zoneId, maxItems: ALL_ITEMS }),
    withPools ? cloudflare.getLoadBalancerPools({ accountId, maxItems: ALL_ITEMS }) : { results: [] },
  ]);
  return [
    ...records.results.map(({ id, name, type, content, data }): ObservedRow => {
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
