/** The name of a curve, in parts. The middle ones can be left out. */
export interface LongName {
  /** `run 7`, always first; empty for a group. */
  readonly head: string;
  /** `optimizer.lr=1e-3`, for the same keys in every name; empty if a run has no value. */
  readonly pairs: readonly string[];
  /** `runs 1-3` of a group. */
  readonly tail: string;
  /** `12 runs`, instead of a long tail. */
  readonly briefTail?: string;
}

interface NameRoom {
  /** The room, in the unit of `widthOf`: columns of a terminal, or characters. */
  readonly width: number;
  /** The text between head, pairs and tail. */
  readonly between: string;
  readonly widthOf: (text: string) => number;
}

/** At most this many pairs are kept at either end. */
const mostKept = 12;
/** If characters are left out: the shares of the kept ones, before the gap, that are tried. */
const sharesBefore = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9];

/** The full text of a name. */
export const wholeName = ({ head, pairs, tail }: LongName, between = '  '): string =>
  [head, pairs.filter((pair) => pair !== '').join(' '), tail].filter((part) => part !== '').join(between);

/**
 * Names that fit into the room. Names that are too long lose pairs in the middle, the same ones in all,
 * chosen so that most names still differ: `run 7  optimizer.lr=1e-3 … seed=1`. If they are still too long,
 * they lose characters in the middle.
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

/** The stretches of pairs that may be left out. */
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

/** How far a stretch is off the middle. */
const lean = ([from, to]: readonly [number, number], count: number) => Math.abs(from - (count - to));

const without = ({ head, pairs, tail }: LongName, from: number, to: number): LongName => ({
  head,
  pairs: [...pairs.slice(0, from), '…', ...pairs.slice(to)],
  tail,
});

/** How many names differ in their pairs. */
const apartIn = (names: readonly LongName[]) => new Set(names.map(({ pairs }) => pairs.join(' '))).size;

/** A name without some characters in the middle of its pairs. `share` of the kept ones are before the gap. */
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

/** How many of the sizes fit into the room, from the first on. */
function fitting(sizes: readonly number[], room: number): number {
  let used = 0;
  for (const [i, size] of sizes.entries()) {
    used += size;
    if (used > room) return i;
  }
  return sizes.length;
}
