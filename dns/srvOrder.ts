/** The order in which a client tries SRV records: by priority, and by weighted chance inside each (RFC 2782). */
import type { SrvData } from "./srvData.ts";

/**
 * All records in the order of trial. Weighted choice as in RFC 2782, "Weight": records of weight 0 first, then
 * the first running sum that reaches a uniform integer from 0 to the sum, both included. So a record of weight
 * 0 is chosen first with a chance of 1 in (sum + 1), and alone in its priority it takes everything.
 * @param random uniform in [0, 1), as `Math.random`
 */
export function orderSrv(records: readonly SrvData[], random: () => number): SrvData[] {
  const priorities = [...new Set(records.map((record) => record.priority))].sort((a, b) => a - b);
  return priorities.flatMap((priority) =>
    drawByWeight(
      records.filter((record) => record.priority === priority),
      random,
    ),
  );
}

function drawByWeight(group: readonly SrvData[], random: () => number): SrvData[] {
  const waiting = [
    ...group.filter((record) => record.weight === 0),
    ...group.filter((record) => record.weight > 0),
  ];
  const drawn: SrvData[] = [];
  while (waiting.length > 0) {
    const sum = waiting.reduce((total, record) => total + record.weight, 0);
    const mark = Math.floor(random() * (sum + 1));
    let runningSum = 0;
    const index = waiting.findIndex((record) => {
      runningSum += record.weight;
      return runningSum >= mark;
    });
    drawn.push(...waiting.splice(index, 1));
  }
  return drawn;
}
