import { printableLine } from '../../core/text.js';
import { widthOf } from '../../core/width.js';
import type { Paint, Style } from './style.js';

// cli-table3 is no alternative: it is right about wide characters, but takes 1.7 s for 5,000 rows, and draws
// a frame around what people pipe into other tools.

export interface Cell {
  readonly text: string;
  readonly style?: Style | undefined;
  readonly align?: 'right';
}

/** Returns rows under a heading, in columns two blanks apart. The last column is not padded. */
export function renderTable(heading: readonly string[], rows: readonly (readonly Cell[])[], paint: Paint): string {
  const titles = heading.map(printableLine);
  const clean = rows.map((row) => row.map((cell) => ({ ...cell, text: printableLine(cell.text) })));
  const widths = titles.map((title, i) =>
    clean.reduce((width, row) => Math.max(width, widthOf(row[i]?.text ?? '')), widthOf(title)),
  );
  const aligned = heading.map((_, i) => clean.every((row) => row[i]?.align === 'right' || row[i]?.text === ''));
  const line = (cells: readonly Cell[]) =>
    cells
      .map(({ text, style }, i) => {
        const gap = ' '.repeat(Math.max(0, (widths[i] ?? 0) - widthOf(text)));
        const painted = style ? paint(style, text) : text;
        if (aligned[i]) return gap + painted;
        return i === cells.length - 1 ? painted : painted + gap;
      })
      .join('  ')
      .trimEnd();
  return [line(titles.map((text) => ({ text, style: 'dim' }))), ...clean.map(line)].map((text) => `${text}\n`).join('');
}

/** Returns text cut to a width on the terminal; `…` shows that it was cut. */
export function cutTo(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let cut = '';
  let used = 1;
  for (const character of text) {
    used += widthOf(character);
    if (used > width) break;
    cut += character;
  }
  return `${cut}…`;
}
