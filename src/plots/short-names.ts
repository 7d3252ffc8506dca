/** What a curve is called, in parts of which the middle can be left out. */
export interface LongName {
  /** `run 7`, which always stands first; empty for a group. */
  readonly head: string;
  /** `optimizer.lr=1e-3`, by the same keys in every name; empty where a run has no value. */
  readonly pairs: readonly string[];
  /** `runs 1-3` of a group. */
  readonly tail: string;
  /** `12 runs`, in place of a tail that is long itself. */
  readonly briefTail?: string;
}

export interface NameRoom {
  /** As many columns, or characters. */
  readonly width: number;
  /** Between head, pairs and tail. */
  readonly between: string;
  readonly widthOf: (text: string) => number;
}

/** As many pairs at either end are tried to be kept. */
const mostKept = 12;
/** Where characters are left out, such shares of what is kept are tried before them. */
const sharesBefore = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9];

/** A name in full. */
export const wholeName = ({ head, pairs, tail }: LongName, between = '  '): string =>
  [head, pairs.filter((pair) => pair !== '').join(' '), tail].filter((part) => part !== '').join(between);

/**
 * Names that fit: those that are too long lose pairs in the middle, the same ones in all, so chosen that what is left still tells most of
 * them apart: `run 7  optimizer.lr=1e-3 … seed=1`. Where even that is too long, they lose characters in the middle.
 */
export function shortNames(all: readonly LongName[], room: NameRoom): string[] {
  const isLong = (text: string) => room.widthOf(text) > room.width;
  const names = all.map(({ briefTail, ...name }) =>
    briefTail !== undefined && isLong(wholeName(name, room.between)) ? { ...name, tail: briefTail } : name,
  );
  const whole = names.map((name) => wholeName(name, room.between));
  if (!whole.some(isLong)) return whole;
  const count = Math.max(...names.map(({ pairs }) => pairs.length));
  const ways = [
    ...windowsOf(count)
      .sort((a, b) => a[1] - a[0] - (b[1] - b[0]) || lean(a, count) - lean(b, count))
      .map(([from, to]) => names.map((name) => without(name, from, to))),
    ...sharesBefore.map((share) => names.map((name) => cutName(name, share, room))),
  ].filter((way) => !way.some((name) => isLong(wholeName(name, room.between))));
  const most = Math.max(...ways.map(apartIn));
  const chosen = ways.find((way) => apartIn(way) === most);
  return names.map((name, i) => {
    const text = whole[i] ?? '';
    return isLong(text) ? wholeName(chosen?.[i] ?? cutName(name, 0.5, room), room.between) : text;
  });
}

/** Stretches of pairs that may be left out, so that some are left at both ends where there are three or more. */
function windowsOf(count: number): [from: number, to: number][] {
  const ends = Math.min(mostKept, count - 1);
  const windows: [number, number][] = [];
  for (let from = 0; from <= ends; from++) {
    for (let kept = 0; kept <= ends; kept++) {
      if (from + kept < count && from + kept > 0) windows.push([from, count - kept]);
    }
  }
  return windows;
}

/** How far a stretch is from the middle. */
const lean = ([from, to]: readonly [number, number], count: number) => Math.abs(from - (count - to));

const without = ({ head, pairs, tail }: LongName, from: number, to: number): LongName => ({
  head,
  pairs: [...pairs.slice(0, from), '…', ...pairs.slice(to)],
  tail,
});

/** How many names differ in their pairs. */
const apartIn = (names: readonly LongName[]) => new Set(names.map(({ pairs }) => pairs.join(' '))).size;

/** A name of which characters in the middle of its pairs are left out; `share` of what is kept stands before them. */
function cutName(name: LongName, share: number, { width, between, widthOf }: NameRoom): LongName {
  const frame = widthOf(wholeName({ ...name, pairs: ['…'] }, between));
  const text = [...name.pairs.filter((pair) => pair !== '').join(' ')];
  const sizes = text.map(widthOf);
  const room = Math.max(0, width - frame);
  if (sizes.reduce((sum, size) => sum + size, 0) <= room + 1) return name;
  const begin = Math.round(room * share);
  const left = fitting(sizes, begin);
  const right = fitting(sizes.slice(left).reverse(), room - begin);
  const kept = `${text.slice(0, left).join('')}…${right === 0 ? '' : text.slice(-right).join('')}`;
  return { ...name, pairs: [kept] };
}

/** How many of these come before there is no room for the next. */
function fitting(sizes: readonly number[], room: number): number {
  let used = 0;
  for (const [i, size] of sizes.entries()) {
    used += size;
    if (used > room) return i;
  }
  return sizes.length;
}
