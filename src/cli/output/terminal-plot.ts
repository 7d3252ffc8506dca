import { printableLine } from '../../core/text.js';
import { widthOf } from '../../core/width.js';
import { type Curve, clipped, type LongName, rangeOf, scaleOf, shortNames, type ViewRange } from '../../plots/index.js';
import type { Paint, Style } from './style.js';
import { cutTo } from './table.js';

// simple-ascii-chart is no alternative: its marks along x overlap, and its curves look alike without colours.

interface TerminalPlot {
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
/** The number of curves that get a letter and a colour of their own. More would look alike. */
const namedCurves = letters.length;

// A braille character has two columns of four dots: Unicode, block Braille Patterns.
const dots = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

/**
 * Returns curves as text: dots of braille, each curve with a colour and a letter at its end. NaN is a gap; an
 * arrow shows where a curve leaves the picture. Returns undefined if there is nothing to draw.
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
    // If a curve ends outside of the picture, its letter is where it left.
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

/** The part of the axes that is shown, and the scales: from a value to a dot. */
interface Scales {
  readonly range: ViewRange;
  readonly logY: boolean;
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

function drawCurve(canvas: Canvas, { points }: Curve, { range, logY, x, y }: Scales): void {
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
    // A band over the whole height would hide the others and shows nothing.
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
    const cell = row * this.columns + column;
    this.#dots[cell] = (this.#dots[cell] ?? 0) | (dots[y & 3]?.[x & 1] ?? 0);
    this.#styles[cell] = this.style;
  }

  line(from: { x: number; y: number }, to: { x: number; y: number }): void {
    const steps = Math.max(1, Math.ceil(Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y))));
    for (let i = 0; i <= steps; i++) {
      this.#dot(Math.round(from.x + ((to.x - from.x) * i) / steps), Math.round(from.y + ((to.y - from.y) * i) / steps));
    }
  }

  /** Draws a dotted bar; a band is many of them side by side. */
  bar(x: number, low: number, high: number): void {
    const column = Math.round(x);
    for (let y = Math.round(Math.min(low, high)); y <= Math.max(low, high); y++)
      if ((column + y) % 3 === 0) this.#dot(column, y);
  }

  /** Draws an arrow at the upper or the lower edge. */
  arrow(x: number, isUp: boolean): void {
    const column = Math.min(this.columns - 1, Math.max(0, Math.round(x) >> 1));
    const cell = (isUp ? 0 : this.rows - 1) * this.columns + column;
    this.#letters.set(cell, isUp ? '▲' : '▼');
    this.#styles[cell] = this.style;
  }

  /** Draws a letter, or draws it just above or below if the position is taken. */
  letter(x: number, y: number, letter: string): void {
    const column = Math.min(this.columns - 1, Math.max(0, Math.round(x) >> 1));
    for (const shift of [0, -1, 1, -2, 2, -3, 3]) {
      const row = (Math.round(y) >> 2) + shift;
      const cell = row * this.columns + column;
      if (row < 0 || row >= this.rows || this.#letters.has(cell)) continue;
      this.#letters.set(cell, letter);
      this.#styles[cell] = this.style;
      return;
    }
  }

  lines(paint: Paint): string[] {
    return Array.from({ length: this.rows }, (_, row) => {
      let line = '';
      for (let column = 0; column < this.columns; column++) {
        const cell = row * this.columns + column;
        const dotted = this.#dots[cell] ?? 0;
        const character = this.#letters.get(cell) ?? (dotted === 0 ? ' ' : String.fromCodePoint(0x2800 + dotted));
        const style = this.#styles[cell];
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

/** Returns the marks below their ticks, except those that would overlap, and the axis's name at its end. */
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
