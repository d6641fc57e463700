/** Orders that every plan keeps, so that the same inventory in another order is the same plan. */

/** Orders slots as people count them: fra2 before fra10. */
export function compareSlots(a: string, b: string): number {
  const numberA = trailingNumberStart(a);
  const numberB = trailingNumberStart(b);
  return (
    compareText(a.slice(0, numberA), b.slice(0, numberB)) ||
    Number(a.slice(numberA)) - Number(b.slice(numberB)) ||
    compareText(a, b)
  );
}

function trailingNumberStart(slot: string): number {
  let start = slot.length;
  while (start > 0 && isDigit(slot.charCodeAt(start - 1))) start--;
  return start;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Orders text by code unit: the same on every machine and in every locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A sorted copy. */
export function sortedBy<T>(items: Iterable<T>, key: (item: T) => string): T[] {
  return [...items].sort((a, b) => compareText(key(a), key(b)));
}
