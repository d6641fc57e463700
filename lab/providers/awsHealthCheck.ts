/** `aws.route53.HealthCheck`, behaving as the real provider does. */
import type { HealthCheckRequest, Route53 } from "../store/route53Store.ts";
import { type AwsCall, isRefusal } from "./awsCall.ts";
import type { CheckFailure, Properties, ResourceType } from "./provider.ts";

const TYPES =
  "HTTP HTTPS HTTP_STR_MATCH HTTPS_STR_MATCH TCP CALCULATED CLOUDWATCH_METRIC RECOVERY_CONTROL".split(" ");

export function healthCheck(route53: Route53, call: AwsCall): ResourceType {
  const outputsOf = (inputs: Properties, id: string): Properties => ({
    disabled: false,
    ...inputs,
    arn: `arn:aws:route53:::healthcheck/${id}`,
    tagsAll: inputs.tags ?? {},
  });
  return {
    properties: {
      type: { required: true, replaces: true },
      requestInterval: { replaces: true },
      measureLatency: { replaces: true, default: false, canonical: (value) => value === true },
      referenceName: { replaces: true },
      routingControlArn: { replaces: true },
      ipAddress: {},
      port: {},
      fqdn: {},
      failureThreshold: {},
      childHealthchecks: { canonical: (ids) => (Array.isArray(ids) ? [...ids].sort() : ids) },
      childHealthThreshold: {},
      disabled: { default: false },
      enableSni: { computed: true },
      invertHealthcheck: {},
      insufficientDataHealthStatus: {},
      cloudwatchAlarmName: {},
      cloudwatchAlarmRegion: {},
      regions: {},
      resourcePath: {},
      searchString: {},
      tags: {},
      triggers: {},
    },
    check: checkHealthCheck,
    async create(inputs) {
      const { id } = await call("creating Route53 Health Check", "CreateHealthCheck", () =>
        route53.createHealthCheck(inputs as HealthCheckRequest),
      );
      return { id, outputs: outputsOf(inputs, id) };
    },
    async read(id) {
      try {
        const { id: _id, ...live } = await call("reading Route53 Health Check", "GetHealthCheck", () =>
          route53.readHealthCheck(id),
        );
        return { id, outputs: outputsOf(live, id) };
      } catch (error) {
        if (isRefusal(error, "NoSuchHealthCheck")) return undefined;
        throw error;
      }
    },
    async update(id, _outputs, inputs) {
      await call("updating Route53 Health Check", "UpdateHealthCheck", () =>
        route53.updateHealthCheck(id, inputs as HealthCheckRequest),
      );
      return outputsOf(inputs, id);
    },
    async delete(id) {
      try {
        await call("deleting Route53 Health Check", "DeleteHealthCheck", () => route53.deleteHealthCheck(id));
      } catch (error) {
        if (!isRefusal(error, "NoSuchHealthCheck")) throw error;
      }
    },
  };
}

function checkHealthCheck(inputs: Properties): readonly CheckFailure[] {
  const failures: CheckFailure[] = [];
  if (typeof inputs.type === "string" && !TYPES.includes(inputs.type)) {
    failures.push({
      property: "type",
      reason: `expected type to be one of ${JSON.stringify(TYPES)}, got ${inputs.type}`,
    });
  }
  if (typeof inputs.requestInterval === "number" && ![10, 30].includes(inputs.requestInterval)) {
    const reason = `expected request_interval to be one of [10 30], got ${inputs.requestInterval}`;
    failures.push({ property: "requestInterval", reason });
  }
  const threshold = inputs.failureThreshold;
  if (typeof threshold === "number" && (threshold < 1 || threshold > 10)) {
    const reason = `expected failure_threshold to be in the range (1 - 10), got ${threshold}`;
    failures.push({ property: "failureThreshold", reason });
  }
  return failures;
}
