/** Widest line of a printed table; fits a terminal of 100 columns. */
const MAX_WIDTH = 100;

/** Columns of text under their names, cut to fit; the last column gives way first. */
export function renderTable(names: string[], rows: string[][]): string {
  const widths = names.map((name, column) => Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)));
  for (let column = widths.length - 1; column >= 0 && totalWidth(widths) > MAX_WIDTH; column -= 1) {
    const excess = totalWidth(widths) - MAX_WIDTH;
    widths[column] = Math.max((names[column] ?? '').length, 8, (widths[column] ?? 0) - excess);
  }
  const line = (cells: string[]) =>
    cells
      .map((cell, column) => fit(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [names, ...rows].map(line).join('\n');
}

function totalWidth(widths: number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + 2 * (widths.length - 1);
}

function fit(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
}
