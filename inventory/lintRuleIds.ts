/** Names of the lint rules, by subject. The rules themselves are in plan/lint; tree.json may change their levels. */
export const LINT_RULE_IDS = [
  // What the SRV sets hold.
  "empty-name",
  "target-without-address",
  "lone-priority",
  "unread-targets",
  "large-set",
  "answer-size",
  "unlisted-nodes",
  // How the sets share calls.
  "unequal-weights",
  "weight-ratio",
  "small-weights",
  // What is left when something fails.
  "single-target",
  "single-node-pop",
  "one-pop-region",
  "standby-serves",
  "standby-capacity",
  "over-capacity",
  "region-answered-by-fallback",
  "pop-answered-by-region",
  "no-fallback",
  "inactive-fallback",
  // The nodes themselves.
  "draining-without-since",
  "address-outside-ranges",
  "example-address",
  "unprobed-ipv6",
  // Time.
  "ttl-mismatch",
  "long-ttl",
  "long-geo-ttl",
  // Which callers find nothing.
  "plain-uri",
  "no-tcp-set",
  "no-tls-set",
  "no-sip-tls-alias",
  "unusual-port",
  "no-tier-addresses",
  "address-first-clients",
  "no-aaaa-at-name",
  // Which callers do not move on.
  "udp-failover",
  "no-failover-client",
  // Steering.
  "split-brain",
  "addresses-form",
  "unsteered-name",
  "unserved-area",
  "area-by-default",
  "unserved-area-in-region",
  "coarse-steering",
  "never-first-choice",
  "shadowed-subdivision",
  "region-without-area",
  "pop-without-area",
  "implicit-default-region",
  "unsteered-default-region",
  "lone-site-node",
  "empty-net",
  "single-address-answer",
  "listener-probe",
  // Certificates.
  "wildcard-only",
  "uncovered-name",
  "key-in-state",
  "ecdsa-chain",
  "server-auth-only",
  "late-renewal",
  "certificate-below-floor",
  "certificate-waves",
  // Platforms side by side.
  "two-platforms",
  "two-platforms-ttl",
] as const;

export type LintRuleId = (typeof LINT_RULE_IDS)[number];

/** off: not told. note: worth knowing. warning: shown in every preview. error: nothing is deployed. */
export const LINT_LEVELS = ["off", "note", "warning", "error"] as const;

export type LintLevel = (typeof LINT_LEVELS)[number];
