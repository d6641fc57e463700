/** Reads what is live at Route 53: one list per zone, at the start of a run, in preview as in update. */
import * as aws from "@pulumi/aws";
import { canonicalName } from "../dns/names.ts";
import type { ObservedRow } from "../plan/observed.ts";
import type { Route53Zone } from "./route53.ts";

/** Record sets of the hosted zone, a row per value; an alias set is one row without data. */
export async function observeRoute53(zone: Route53Zone): Promise<ObservedRow[]> {
  const { resourceRecordSets } = await aws.route53.getRecords(
    { zoneId: zone.zoneId },
    { provider: zone.provider },
  );
  return resourceRecordSets.flatMap(({ name, type, resourceRecords }) => {
    const values = resourceRecords.length === 0 ? [""] : resourceRecords.map(({ value }) => value);
    return values.map(
      (data): ObservedRow => ({
        backend: "route53",
        name: canonicalName(name),
        type,
        data: type === "SRV" ? canonicalName(data) : data,
      }),
    );
  });
}
