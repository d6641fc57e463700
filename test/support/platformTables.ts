/** The tables of docs/backends.md, made of the limits, so that they cannot say anything else. */
import { ACME_TRAPS } from "../../backends/acme.limits.ts";
import { CLOUDFLARE_TRAPS } from "../../backends/cloudflare.limits.ts";
import type { Trap } from "../../backends/limits.ts";
import { ROUTE53_TRAPS } from "../../backends/route53.limits.ts";
import {
  CLOUDFLARE_LIMITS,
  type PlainLimit,
  type PlanLimit,
  ROUTE53_LIMITS,
  rangeText,
} from "../../plan/platformLimits.ts";

const TABLES: Readonly<Record<string, () => string>> = {
  "cloudflare figures": () => planFigures(Object.values<PlanLimit>(CLOUDFLARE_LIMITS)),
  "route53 figures": () => figures(Object.values<PlainLimit>(ROUTE53_LIMITS)),
  "cloudflare traps": () => traps(CLOUDFLARE_TRAPS),
  "route53 traps": () => traps(ROUTE53_TRAPS),
  "acme traps": () => traps(ACME_TRAPS),
};

/** The manual with every table between `<!-- table: NAME -->` and `<!-- end -->` made anew. */
export function refreshPlatformTables(manual: string): string {
  return manual.replace(
    /(<!-- table: ([\w ]+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, start: string, name: string, end: string) => {
      const table = TABLES[name];
      if (table === undefined) throw new Error(`there is no table "${name}"`);
      return `${start}\n${table()}\n\n${end}`;
    },
  );
}

export const PLATFORM_TABLES = Object.keys(TABLES);

function planFigures(limits: readonly PlanLimit[]): string {
  const rows = limits.map(({ subject, note, range, source, verified }) => {
    const { free, pro, business, enterprise } = range;
    return [
      noted(subject, note),
      ...[free, pro, business, enterprise].map(rangeText),
      `${source} (${verified})`,
    ];
  });
  return markdown(["What", "Free", "Pro", "Business", "Enterprise", "Source"], rows);
}

function figures(limits: readonly PlainLimit[]): string {
  const rows = limits.map(({ subject, note, range, source, verified }) => {
    return [noted(subject, note), rangeText(range), `${source} (${verified})`];
  });
  return markdown(["What", "Allowed", "Source"], rows);
}

function noted(subject: string, note: string | undefined): string {
  return note === undefined ? subject : `${subject}: ${note}`;
}

function traps(all: readonly Trap[]): string {
  const rows = all.map((trap) => {
    const open = "liveOnly" in trap ? ` A live account alone shows ${trap.liveOnly}.` : "";
    return [trap.fact, trap.decision, `${trap.status}: ${trap.source} (${trap.verified}).${open}`];
  });
  return markdown(["What it does", "What this program does about it", "Known from"], rows);
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
