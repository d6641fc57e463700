/** Orders that every plan keeps, so that the same inventory in another order is the same plan. */

const TRAILING_NUMBER = /^(.*?)(\d*)$/;

/** Orders slots as people count them: fra2 before fra10. */
export function compareSlots(a: string, b: string): number {
  const [, prefixA = "", numberA = ""] = TRAILING_NUMBER.exec(a) ?? [];
  const [, prefixB = "", numberB = ""] = TRAILING_NUMBER.exec(b) ?? [];
  return compareText(prefixA, prefixB) || Number(numberA) - Number(numberB) || compareText(a, b);
}

/** Orders text by code unit: the same on every machine and in every locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A sorted copy. */
export function sortedBy<T>(items: Iterable<T>, key: (item: T) => string): T[] {
  return [...items].sort((a, b) => compareText(key(a), key(b)));
}
