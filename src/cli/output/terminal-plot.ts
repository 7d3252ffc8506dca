import { printableLine } from '../../core/text.js';
import { type Curve, clipped, type LongName, rangeOf, scaleOf, shortNames, type ViewRange } from '../../plots/index.js';
import type { Paint, Style } from './style.js';
import { cutTo, widthOf } from './table.js';

// Tried instead of this: simple-ascii-chart, whose marks along x run into each other, and whose curves can't be told apart without colours.

export interface TerminalPlot {
  readonly title: string;
  readonly xLabel: string;
  readonly curves: readonly Curve[];
  readonly names: readonly LongName[];
  readonly logY: boolean;
  /** The part of the y axis that is shown. */
  readonly range: ViewRange;
  readonly width: number;
  readonly height: number;
}

const styles: readonly Style[] = ['cyan', 'yellow', 'green', 'red', 'magenta', 'blue'];
const letters = 'abcdefghijklmnopqrstuvwxyz';
/** As many curves have a letter and a colour of their own; with more, nobody could tell them apart. */
export const namedCurves = letters.length;

// A braille character has two columns of four dots: Unicode, block Braille Patterns.
const dots = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

/**
 * Curves as text: dots of braille, each curve with a letter at its end and a colour; NaN is a gap, and an arrow is where a curve leaves the
 * picture. Undefined where there is nothing to draw.
 */
export function terminalPlot(plot: TerminalPlot, paint: Paint): string | undefined {
  const { curves, logY, width, height, range } = plot;
  const xs = rangeOf(curves.flatMap(({ points }) => points.map(({ x }) => x)));
  if (!xs) return undefined;
  const marks = scaleOf({
    ...range,
    from: 4 * height - 1,
    to: 0,
    log: logY,
    marks: Math.floor(height / 4),
  });
  const gutter = Math.max(...marks.marks.map(({ text }) => text.length), 1) + 1;
  const columns = Math.max(10, width - gutter - 1);
  const across = scaleOf({
    low: xs[0],
    high: xs[1],
    from: 0,
    to: 2 * columns - 1,
    log: false,
    marks: Math.floor(columns / 12),
  });
  const canvas = new Canvas(columns, height);
  curves.forEach((curve, i) => {
    canvas.style = styles[i % styles.length];
    drawCurve(canvas, curve, { range, logY, x: across.position, y: marks.position });
  });
  curves.slice(0, namedCurves).forEach((curve, i) => {
    const last = curve.points.findLast(({ y }) => !Number.isNaN(y));
    if (!last || curves.length === 1) return;
    canvas.style = styles[i % styles.length];
    // Of a curve that does not come back, the letter is where it left.
    const isOut = last.y < range.low || last.y > range.high;
    const out = isOut ? clipped(curve.points, range, logY).leaves.at(-1) : undefined;
    if (out) canvas.letter(across.position(out.x) + 2, out.isAbove ? 0 : 4 * height - 1, letters[i] ?? '');
    else canvas.letter(across.position(last.x), marks.position(last.y), letters[i] ?? '');
  });
  const labels = new Map(marks.marks.map(({ value, text }) => [Math.round(marks.position(value) / 4 - 0.375), text]));
  const rows = canvas.lines(paint).map((line, row) => {
    const label = labels.get(row);
    return `${paint('dim', `${(label ?? '').padStart(gutter - 1)} ${label === undefined ? '│' : '┤'}`)}${line}`;
  });
  return [
    cutTo(printableLine(plot.title), width),
    ...rows,
    paint('dim', axisLine(gutter, columns, across)),
    paint('dim', axisLabels(gutter, columns, across, plot.xLabel)),
    ...legend(plot, paint),
    '',
  ].join('\n');
}

interface Places {
  readonly range: ViewRange;
  readonly logY: boolean;
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

function drawCurve(canvas: Canvas, { points }: Curve, { range, logY, x, y }: Places): void {
  const { pieces, leaves } = clipped(points, range, logY);
  for (const piece of pieces) {
    let before: { x: number; y: number } | undefined;
    for (const point of piece) {
      const at = { x: x(point.x), y: y(point.y) };
      canvas.line(before ?? at, at);
      before = at;
    }
  }
  const inside = (value: number) => y(Math.min(range.high, Math.max(range.low, value)));
  for (const { x: at, low, high } of points) {
    if (low === undefined || high === undefined || low > range.high || high < range.low) continue;
    // A band that is everywhere would hide the others, and tells nothing.
    if (low < range.low && high > range.high) continue;
    canvas.bar(x(at), inside(low), inside(high));
  }
  for (const { x: at, isAbove } of leaves) canvas.arrow(x(at), isAbove);
}

class Canvas {
  readonly #dots: Uint8Array;
  readonly #styles: (Style | undefined)[];
  readonly #letters = new Map<number, string>();
  style: Style | undefined;

  constructor(
    readonly columns: number,
    readonly rows: number,
  ) {
    this.#dots = new Uint8Array(columns * rows);
    this.#styles = new Array(columns * rows);
  }

  #dot(x: number, y: number): void {
    const [column, row] = [x >> 1, y >> 2];
    if (column < 0 || row < 0 || column >= this.columns || row >= this.rows) return;
    const place = row * this.columns + column;
    this.#dots[place] = (this.#dots[place] ?? 0) | (dots[y & 3]?.[x & 1] ?? 0);
    this.#styles[place] = this.style;
  }

  line(from: { x: number; y: number }, to: { x: number; y: number }): void {
    const steps = Math.max(1, Math.ceil(Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y))));
    for (let i = 0; i <= steps; i++) {
      this.#dot(Math.round(from.x + ((to.x - from.x) * i) / steps), Math.round(from.y + ((to.y - from.y) * i) / steps));
    }
  }

  /** A dotted bar, of which there are many side by side. */
  bar(x: number, low: number, high: number): void {
    const column = Math.round(x);
    for (let y = Math.round(Math.min(low, high)); y <= Math.max(low, high); y++)
      if ((column + y) % 3 === 0) this.#dot(column, y);
  }

  /** An arrow at the upper or the lower edge. */
  arrow(x: number, isUp: boolean): void {
    const column = Math.min(this.columns - 1, Math.max(0, Math.round(x) >> 1));
    const place = (isUp ? 0 : this.rows - 1) * this.columns + column;
    this.#letters.set(place, isUp ? '▲' : '▼');
    this.#styles[place] = this.style;
  }

  /** A letter at a place, or just above or below where that is taken. */
  letter(x: number, y: number, letter: string): void {
    const column = Math.min(this.columns - 1, Math.max(0, Math.round(x) >> 1));
    for (const shift of [0, -1, 1, -2, 2, -3, 3]) {
      const row = (Math.round(y) >> 2) + shift;
      const place = row * this.columns + column;
      if (row < 0 || row >= this.rows || this.#letters.has(place)) continue;
      this.#letters.set(place, letter);
      this.#styles[place] = this.style;
      return;
    }
  }

  lines(paint: Paint): string[] {
    return Array.from({ length: this.rows }, (_, row) => {
      let line = '';
      for (let column = 0; column < this.columns; column++) {
        const place = row * this.columns + column;
        const dotted = this.#dots[place] ?? 0;
        const character = this.#letters.get(place) ?? (dotted === 0 ? ' ' : String.fromCodePoint(0x2800 + dotted));
        const style = this.#styles[place];
        line += style && character !== ' ' ? paint(style, character) : character;
      }
      return line;
    });
  }
}

const columnOf = (position: number) => Math.round(position) >> 1;

function axisLine(gutter: number, columns: number, { position, marks }: ReturnType<typeof scaleOf>): string {
  const ticks = new Set(marks.map(({ value }) => columnOf(position(value))));
  return `${' '.repeat(gutter)}└${Array.from({ length: columns }, (_, i) => (ticks.has(i) ? '┬' : '─')).join('')}`;
}

/** Marks below their ticks, those that would run into one before left out; what is along the axis at its end. */
function axisLabels(
  gutter: number,
  columns: number,
  { position, marks }: ReturnType<typeof scaleOf>,
  name: string,
): string {
  const line = Array.from({ length: columns }, () => ' ');
  const put = (text: string, start: number) => line.splice(start, text.length, ...text);
  let free = 0;
  for (const { value, text } of marks) {
    const start = Math.max(0, Math.min(columns - text.length, columnOf(position(value)) - (text.length >> 1)));
    if (start < free || start + text.length > columns - name.length - 1) continue;
    put(text, start);
    free = start + text.length + 1;
  }
  put(name, Math.max(free, columns - name.length));
  return `${' '.repeat(gutter + 1)}${line.join('').trimEnd()}`;
}

function legend({ curves, names, width }: TerminalPlot, paint: Paint): string[] {
  const isSingle = curves.length === 1;
  const clean = names.map(({ head, pairs, ...tails }) => ({ head, pairs: pairs.map(printableLine), ...tails }));
  const texts = shortNames(clean, { width: isSingle ? width : width - 3, between: '  ', widthOf });
  if (isSingle) return texts;
  const shown = texts
    .slice(0, namedCurves)
    .map((name, i) => `${paint(styles[i % styles.length] ?? 'dim', letters[i] ?? '')}  ${name}`);
  return names.length > shown.length ? [...shown, `… and ${names.length - shown.length} more without a letter`] : shown;
}
