/** Reads what is live at Route 53: one list per zone, at the start of a run, in preview as in update. */
import * as aws from "@pulumi/aws";
import type { ObservedRow } from "../plan/observed.ts";
import { observedData, observedName } from "./observedData.ts";
import type { Route53Zone } from "./route53.ts";

/** Record sets of the hosted zone, a row per value; an alias set is one row without data. */
export async function observeRoute53(zone: Route53Zone): Promise<ObservedRow[]> {
  const { resourceRecordSets } = await aws.route53.getRecords(
    { zoneId: zone.zoneId },
    { provider: zone.provider },
  );
  // Absent parts may come as null or not at all, whatever the types say: an alias set has no records.
  return (resourceRecordSets ?? []).flatMap(({ name, type, resourceRecords }) => {
    const values = (resourceRecords ?? []).map(({ value }) => value);
    return (values.length === 0 ? [""] : values).map(
      (data): ObservedRow => ({
        backend: "route53",
        name: observedName(name),
        type,
        data: observedData(type, data),
      }),
    );
  });
}
