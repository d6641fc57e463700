/** `dialtree cert plan`: which certificates the next updates issue, why, and what the authority has room for. */
import pc from "picocolors";
import { type IssuancePlan, issuancePlan, type LimitState } from "../plan/certificates/issuancePlan.ts";
import { orderText } from "../plan/certificates/orderChecks.ts";
import { timeText } from "../plan/runTime.ts";
import { type CertificateOptions, certificateFacts } from "./certificateFacts.ts";
import { table } from "./table.ts";
import { EXIT, type Terminal } from "./usage.ts";

/** @throws UsageError, Refusal */
export async function certPlanCommand(options: CertificateOptions, io: Terminal): Promise<number> {
  const { domain, facts, assumed } = await certificateFacts(options, io, "plan");
  const plan = issuancePlan(facts);
  const colours = pc.createColors(io.stdout.isTTY === true && !process.env.NO_COLOR);
  io.stdout.write(
    options.json === true
      ? `${JSON.stringify({ version: 1, domain, assumed, ...plan }, undefined, 2)}\n`
      : planText(domain, plan, assumed, colours),
  );
  return EXIT.fine;
}

type Colours = ReturnType<typeof pc.createColors>;

function planText(domain: string, plan: IssuancePlan, assumed: readonly string[], colours: Colours): string {
  const blocks = [
    `${colours.bold(headline(domain, plan))}\n${assumed.map((each) => `assumed: ${each}\n`).join("")}`,
    ...(plan.refusals.length === 0 ? [] : [refusalText(plan, colours)]),
    ...plan.waves.flatMap((wave, index) =>
      wave.certificates.length === 0 ? [] : [waveText(wave, index, plan)],
    ),
    limitsText(plan),
  ];
  return blocks.join("\n");
}

function headline(domain: string, { waves, kept, refusals, authority }: IssuancePlan): string {
  const now = refusals.length === 0 ? (waves[0]?.certificates.length ?? 0) : 0;
  const all = waves.reduce((sum, { certificates }) => sum + certificates.length, 0);
  const later = all === now ? "" : `, ${all - now} ${refusals.length === 0 ? "in later waves" : "wait"}`;
  return `${domain}: ${now} ${now === 1 ? "certificate" : "certificates"} by ${authority.name} in the next update${later}, ${kept} stay`;
}

function refusalText({ refusals }: IssuancePlan, colours: Colours): string {
  const lines = refusals.map((message) => `${colours.red("refused:")} ${message}\n`);
  return `${lines.join("")}With policy.certificates.waves the updates would be these:\n`;
}

function waveText(
  { at, certificates }: IssuancePlan["waves"][number],
  index: number,
  plan: IssuancePlan,
): string {
  const when = index === 0 ? "the next update" : `from ${timeText(new Date(at))}`;
  const title =
    plan.waves.length === 1
      ? ""
      : `wave ${index + 1} of ${plan.waves.length}, ${when}: ${certificates.length}\n`;
  const rows = certificates.map((each) => [
    orderText(each),
    each.why.map((reason) => reason.replaceAll("-", " ")).join(", "),
    each.renewal ? "renewal" : "new",
    `${each.names.length}`,
  ]);
  return `${title}${table([["certificate", "why", "counts as", "names"], ...rows])}`;
}

function limitsText({ limits, authority }: IssuancePlan): string {
  if (limits.length === 0) return `No limits of ${authority.directory} are known.\n`;
  const rows = limits.map((limit) => [
    limitText(limit),
    limit.period,
    `${limit.left} of ${limit.capacity}`,
    limit.fullAt === undefined ? "" : timeText(new Date(limit.fullAt)),
  ]);
  return table([["limit", "in", "left", "full again"], ...rows]);
}

function limitText({ counts, certificate }: LimitState): string {
  return certificate === undefined ? counts : `${counts}: ${orderText(certificate)}`;
}
