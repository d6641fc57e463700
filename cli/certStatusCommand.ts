/** `dialtree cert status`: each certificate, how long it still lives, and when it is renewed. */
import pc from "picocolors";
import {
  type CertificateCondition,
  type CertificateStatus,
  certificateStatuses,
} from "../plan/certificates/due.ts";
import { orderText } from "../plan/certificates/orderChecks.ts";
import { type CertificateOptions, certificateFacts } from "./certificateFacts.ts";
import { table } from "./table.ts";
import { EXIT, type Terminal } from "./usage.ts";

const CONDITIONS: Readonly<
  Record<CertificateCondition, { readonly text: string; readonly isWrong: boolean }>
> = {
  expired: { text: "expired", isWrong: true },
  "below-floor": { text: "below the floor", isWrong: true },
  due: { text: "due", isWrong: false },
  "not-issued": { text: "not issued", isWrong: false },
  ok: { text: "ok", isWrong: false },
};

/**
 * Exit code 1 when a certificate has expired or is below its floor.
 * @throws UsageError, Refusal
 */
export async function certStatusCommand(options: CertificateOptions, io: Terminal): Promise<number> {
  const { domain, facts, assumed } = await certificateFacts(options, io, "status");
  const statuses = certificateStatuses(facts);
  const colours = pc.createColors(io.stdout.isTTY === true && !process.env.NO_COLOR);
  io.stdout.write(
    options.json === true
      ? `${JSON.stringify(document(domain, statuses, assumed, facts.now), undefined, 2)}\n`
      : statusText(domain, statuses, assumed, colours),
  );
  return statuses.some(({ condition }) => CONDITIONS[condition].isWrong) ? EXIT.refused : EXIT.fine;
}

type Colours = ReturnType<typeof pc.createColors>;

function statusText(
  domain: string,
  statuses: readonly CertificateStatus[],
  assumed: readonly string[],
  colours: Colours,
): string {
  const rows = statuses.map(({ order, condition, life }) => [
    orderText(order),
    CONDITIONS[condition].text,
    life === undefined ? "" : `${life.daysLeft}`,
    life === undefined ? "" : day(life.notAfter),
    life === undefined ? "" : day(life.renewAt.toISOString()),
  ]);
  const counts = (Object.keys(CONDITIONS) as CertificateCondition[]).flatMap((condition) => {
    const count = statuses.filter((status) => status.condition === condition).length;
    return count === 0 ? [] : [`${count} ${CONDITIONS[condition].text}`];
  });
  const wrong = statuses.some(({ condition }) => CONDITIONS[condition].isWrong);
  const paint = wrong ? colours.red : colours.green;
  const head = `${colours.bold(domain)}: ${paint(counts.join(", ") || "no certificates")}`;
  const notes = assumed.map((each) => `assumed: ${each}\n`).join("");
  return `${head}\n${notes}\n${table([["certificate", "state", "days left", "expires", "renewed from"], ...rows])}`;
}

function day(time: string): string {
  return new Date(time).toISOString().slice(0, 10);
}

function document(
  domain: string,
  statuses: readonly CertificateStatus[],
  assumed: readonly string[],
  now: Date,
): object {
  return {
    version: 1,
    domain,
    assumed,
    now: now.toISOString(),
    certificates: statuses.map(({ order: { slot, profile }, condition, life }) => ({
      slot,
      profile,
      state: condition,
      ...life,
    })),
  };
}
