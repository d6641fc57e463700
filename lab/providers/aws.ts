/** The AWS provider of the lab: the tokens of `@pulumi/aws` that this project uses, all of Route 53. */
import type { Route53 } from "../store/route53Store.ts";
import { awsCall } from "./awsCall.ts";
import { healthCheck } from "./awsHealthCheck.ts";
import { getRecords, getZone, record } from "./awsRecord.ts";
import type { ProviderDefinition } from "./provider.ts";
import { LAB_REPEAT, type RepeatPolicy } from "./repeat.ts";
import { sdkVersion } from "./sdkVersion.ts";

export function awsProvider(route53: Route53, policy: RepeatPolicy = LAB_REPEAT): ProviderDefinition {
  const call = awsCall(policy);
  return {
    name: "aws",
    version: sdkVersion("@pulumi/aws"),
    resources: {
      "aws:route53/record:Record": record(route53, call),
      "aws:route53/healthCheck:HealthCheck": healthCheck(route53, call),
    },
    functions: {
      "aws:route53/getRecords:getRecords": getRecords(route53, call),
      "aws:route53/getZone:getZone": getZone(route53),
    },
  };
}
