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

/** A text in lines of at most 100 columns, each behind the indent. */
export function wrap(text: string, indent: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) as string;
    if (line === '') lines[lines.length - 1] = word;
    else if (indent.length + line.length + 1 + word.length <= MAX_WIDTH) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => indent + line).join('\n');
}

/** What changed of which thing: a line for each field, in at most 100 columns. */
export function renderChanges(
  changes: readonly { object: string; id: string; before: object | null; after: object | null }[],
): string {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value ?? null));
  return changes
    .flatMap(({ object, id, before, after }) => {
      const [old, next] = [before as Record<string, unknown> | null, after as Record<string, unknown> | null];
      const fields = Object.keys(next ?? {}).filter(() => old !== null);
      return [
        `  ${object} ${id}${old === null ? ' appears' : next === null ? ' is gone' : ''}`,
        ...fields.map((field) => cut(`    ${field}: ${text(old?.[field])} -> ${text(next?.[field])}`)),
      ];
    })
    .join('\n');
}

const cut = (line: string) => (line.length > MAX_WIDTH ? `${line.slice(0, MAX_WIDTH - 1)}…` : line);

function totalWidth(widths: number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + 2 * (widths.length - 1);
}

function fit(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
}
