/** Rules of certificates that are issued, or to be: where a ledger says which they are. */

import { certificateStatuses, dueCertificates } from "../certificates/due.ts";
import { belowFloorText } from "../certificates/dueLines.ts";
import { limitProblems } from "../certificates/runOrders.ts";
import { schedule } from "../certificates/schedule.ts";
import type { LintRules } from "./rule.ts";

export const issuanceRules = {
  "certificate-below-floor": {
    subject: "certificates",
    level: "error",
    finds:
      "a certificate with fewer days left than policy.certificates.floorDays, or an expired one, by the ledger (`--ledger`)",
    source: "the renewals that an update should have made have failed, or no update has run",
    remedy: "run an update now, and mend what kept the earlier ones from renewing it",
    file: "tree.json",
    *check({ issuance }) {
      if (issuance === undefined) return;
      for (const { order, condition, life } of certificateStatuses(issuance)) {
        if (life === undefined || (condition !== "below-floor" && condition !== "expired")) continue;
        yield { about: `node ${order.slot}`, message: `${order.profile}: ${belowFloorText(life, issuance)}` };
      }
    },
  },

  "certificate-waves": {
    subject: "certificates",
    level: "warning",
    finds:
      "certificates that the authority's limits have no room for at once, by the ledger (`--ledger`): an update is refused",
    source: "Let's Encrypt documentation, rate limits (August 2026)",
    remedy: "set policy.certificates.waves to true, add fewer nodes at once, or begin with one profile",
    file: "tree.json",
    *check({ issuance, tree }) {
      if (issuance === undefined || tree.policy.certificates.waves) return;
      const due = dueCertificates(issuance);
      const [, ...later] = schedule(due, issuance);
      if (later.length === 0) return;
      for (const { key, message } of limitProblems(due, later, issuance)) yield { about: key, message };
    },
  },
} as const satisfies LintRules;
