/** Tables of the manual that are made of the program's own data. */

/**
 * The manual with every table between `<!-- table: NAME -->` and `<!-- end -->` made anew.
 * @throws Error for a name that has no table.
 */
export function refreshMarkedTables(manual: string, tables: Readonly<Record<string, () => string>>): string {
  return manual.replace(
    /(<!-- table: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, start: string, name: string, end: string) => {
      const table = tables[name];
      if (table === undefined) throw new Error(`there is no table "${name}"`);
      return `${start}\n${table()}\n\n${end}`;
    },
  );
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
