import { clockDuration, parseDuration } from '../core/clock.js';
import type { Failure } from '../failures/index.js';
import { memoryText, parseMemory } from './memory.js';
import { parseWarning, warningSignals } from './warning.js';

type ExpectedResource = Extract<Failure, { readonly reason: 'bad-resource' }>['expected'];

/** How the value of a resource is typed, read and shown. */
export interface ResourceKind<T> {
  /** The value's name in help. */
  readonly shape: string;
  /** What the message `bad-resource` says is expected. */
  readonly expected: ExpectedResource;
  /** Whether the option may stand without a value, and be true or false in the settings. */
  readonly optional: boolean;
  /** The only values that there are, in the order of help. */
  readonly choices?: readonly string[];
  /** Returns undefined for a text that is not of this kind. */
  parse(text: string): T | undefined;
  /** Returns the value for people. */
  text(value: T): string;
}

const plain = { optional: false, text: String } as const;

/** Seconds. */
export const duration = {
  ...plain,
  shape: 'TIME',
  expected: { kind: 'time' },
  parse: parseDuration,
  text: clockDuration,
} as const satisfies ResourceKind<number>;

export const count = {
  ...plain,
  shape: 'N',
  expected: { kind: 'count' },
  parse: (text: string) => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined),
} as const satisfies ResourceKind<number>;

/** 0 takes back what the settings ask for. */
export const countOrNone = {
  ...plain,
  shape: 'N',
  expected: { kind: 'count-or-none' },
  parse: (text: string) => (/^(0|[1-9]\d{0,8})$/.test(text) ? Number(text) : undefined),
} as const satisfies ResourceKind<number>;

/** Bytes. */
export const memory = {
  ...plain,
  shape: 'SIZE',
  expected: { kind: 'memory' },
  parse: parseMemory,
  text: memoryText,
} as const satisfies ResourceKind<number>;

/** Engines read these without quotes: a blank would end the value and begin another option. */
export const word = {
  ...plain,
  shape: 'NAME',
  expected: { kind: 'word' },
  parse: (text: string) => (/^[^\s"'\\]+$/.test(text) ? text : undefined),
} as const satisfies ResourceKind<string>;

export const line = {
  ...plain,
  shape: 'TEXT',
  expected: { kind: 'line' },
  parse: (text: string) => (text !== '' && !/[\u0000-\u001f\u007f]/.test(text) ? text : undefined),
} as const satisfies ResourceKind<string>;

export const jobName = { ...line, shape: 'NAME', expected: { kind: 'name' } } as const satisfies ResourceKind<string>;

/** False is never, true is without end, a number is the most times. */
export const times = {
  shape: 'N',
  expected: { kind: 'times' },
  optional: true,
  parse(text: string): boolean | number | undefined {
    if (text === 'true' || text === 'auto') return true;
    return text === 'false' ? false : count.parse(text);
  },
  text: (value: boolean | number) => `${value} times at most`,
} as const satisfies ResourceKind<boolean | number>;

/** `1,137,oom,node`: exit codes, and causes by name; none is there twice. */
export const causes = {
  ...plain,
  shape: 'CAUSES',
  expected: { kind: 'causes' },
  parse(text: string): string | undefined {
    const words = text.split(',').map((one) => one.trim());
    const known = (one: string) => one === 'oom' || one === 'node' || (/^[1-9]\d{0,2}$/.test(one) && Number(one) < 256);
    return words.every(known) ? [...new Set(words)].join(',') : undefined;
  },
} as const satisfies ResourceKind<string>;

/** `USR1@120`: the signal, and how many seconds before the time limit. */
export const warning = {
  ...plain,
  shape: 'NAME@TIME',
  expected: { kind: 'signal', signals: warningSignals },
  parse(text: string) {
    const found = parseWarning(text);
    return found && `${found.signal}@${found.seconds}`;
  },
} as const satisfies ResourceKind<string>;

export const receiver = {
  ...plain,
  shape: 'WHOM',
  expected: { kind: 'signal-to' },
  choices: ['group', 'program'],
  parse: (text: string): string | undefined => (text === 'program' || text === 'group' ? text : undefined),
} as const satisfies ResourceKind<string>;
