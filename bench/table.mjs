// The one table of all parts. A ratio is cost of ours ÷ cost of the limit or peer in the same run:
// 1 is the limit itself, below 1 is better than the peer.

const HEAD = ['what', 'ours', 'limit', 'unit', 'ratio', 'CPU s'];

/** A number with three figures that mean something, thousands grouped. */
export function shown(value) {
  if (value === undefined || value === null) return '–';
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

/** Prints the parts, each `{ name, rows }`, below one head. */
export function printTable(parts, out = process.stdout) {
  const lines = parts.flatMap(({ name, rows }) => [
    { title: name },
    ...rows.map((row) => ({
      cells: [
        row.what,
        shown(row.ours),
        shown(row.limit),
        row.unit ?? '',
        shown(row.ratio),
        shown(row.cpuSeconds),
      ],
    })),
  ]);
  const all = [HEAD, ...lines.flatMap((line) => (line.cells === undefined ? [] : [line.cells]))];
  const widths = HEAD.map((_, column) => Math.max(...all.map((cells) => cells[column].length)));
  const row = (cells) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join('  ');
  out.write(`${row(HEAD)}\n${widths.map((width) => '─'.repeat(width)).join('  ')}\n`);
  for (const line of lines)
    out.write(`${line.title === undefined ? row(line.cells) : line.title}\n`);
}
