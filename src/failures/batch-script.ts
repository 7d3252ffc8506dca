import type { Span } from '../core/span.js';
import { printableLine } from '../core/text.js';
import { lowerFirst, type ProblemWords, q, say, type Words } from './message.js';

/** Failures of a batch script given to `mlxsub`. */
export type BatchScriptFailure =
  | { readonly reason: 'script-unreadable'; readonly name: string; readonly problem: ScriptProblem }
  | { readonly reason: 'shell-syntax'; readonly span: Span; readonly problem: ShellProblem }
  | {
      readonly reason: 'bad-directive';
      readonly span: Span;
      readonly engine: string;
      readonly problem: DirectiveProblem;
    }
  | { readonly reason: 'no-directives'; readonly name: string; readonly detected: readonly string[] }
  | {
      readonly reason: 'sweep-inside';
      readonly span: Span;
      readonly inside: 'loop' | 'condition' | 'function' | 'subshell' | 'group' | 'substitution' | 'background';
      /** True if the command has no overrides, but starts the program of a swept command. */
      readonly alike: boolean;
    }
  | { readonly reason: 'sweeps-together'; readonly span: Span }
  | {
      readonly reason: 'word-expands';
      readonly span: Span;
      readonly by: 'braces' | 'glob';
      readonly into: string | undefined;
    }
  | { readonly reason: 'sweep-in-environment'; readonly span: Span; readonly variable: string; readonly value: string }
  | { readonly reason: 'nothing-swept'; readonly name: string; readonly candidates: readonly Span[] };

type ScriptProblem =
  | { readonly kind: 'nul-bytes' }
  | { readonly kind: 'too-long' }
  | { readonly kind: 'dos-lines' }
  /** `line` is the script's first line, without `#!`. */
  | { readonly kind: 'no-shell'; readonly line: string };

type ShellProblem =
  /** A message of the shell parser. */
  { readonly kind: 'parser'; readonly message: string } | { readonly kind: 'endless-here-document' };

/** Problems of a line of options. `engine` is the name of the engine in its own documentation. */
type DirectiveProblem =
  | { readonly kind: 'open-quote'; readonly engine: string }
  | { readonly kind: 'no-dash'; readonly engine: string }
  | { readonly kind: 'extra-word'; readonly engine: string; readonly word: string }
  | { readonly kind: 'quoted-blank'; readonly engine: string }
  | { readonly kind: 'equals-sign'; readonly engine: string; readonly value: string }
  | { readonly kind: 'array' }
  | { readonly kind: 'unfit-for-points' }
  /** The words of a user's own engine module. */
  | { readonly kind: 'said'; readonly words: string };

const scriptWords: ProblemWords<ScriptProblem> = {
  'nul-bytes': () => 'it is no text: it holds NUL bytes',
  'too-long': () => 'it is longer than 16 MiB',
  'dos-lines': () => "its lines end as those of DOS do, which bash takes for words: sed -i 's/\\r$//' mends it",
  'no-shell': ({ line }) => `its first line names ${line}, which is no shell`,
};

const shellWords: ProblemWords<ShellProblem> = {
  parser: ({ message }) => message,
  'endless-here-document': () => 'this here-document never ends',
};

const directiveWords: ProblemWords<DirectiveProblem> = {
  'open-quote': ({ engine }) => `${engine} finds a quote in it that is not closed`,
  'no-dash': ({ engine }) => `${engine} reads options there, which begin with a dash`,
  'extra-word': ({ engine, word }) => `${engine} does not know what '${word}' is to say there`,
  'quoted-blank': ({ engine }) =>
    `${engine} takes all behind a quoted blank for one word: put each option on a line of its own`,
  'equals-sign': ({ engine, value }) => `${engine} takes '${value}' for the value: put a blank instead of the =`,
  array: () => 'each point of the sweep is a job of its own: sweep the index of its tasks (index=range(1,11))',
  'unfit-for-points': () => 'mlx submits each point as a job of its own, which this does not fit',
  said: ({ words }) => words,
};

/** Parts of a script that a command with overrides cannot stand in, and how to fix it. */
const insideWords = {
  loop: ['in a loop', 'write the sweep that the loop stands for (seed=1,2,3), without the loop'],
  condition: ['in a condition', 'put it behind the condition, or decide before submitting'],
  function: ['in a function', 'write the command where the function is called'],
  subshell: ['in a subshell', 'leave out the parentheses: each job is a shell of its own'],
  group: ['in braces', 'leave out the braces, and redirect the command itself'],
  substitution: ['in $(…)', 'let the command write a file, and read that after it'],
  background: ['in the background', 'leave out the & and the wait: each point is a job of its own'],
} as const;

/** The words of these failures. */
export const batchScriptWords: Words<BatchScriptFailure> = {
  'script-unreadable': (failure) => ({
    what: `can't read the script ${q(failure.name)}: ${say(scriptWords, failure.problem)}`,
    remedy: 'name a shell script',
  }),
  'shell-syntax': (failure) => ({
    what: `${q(failure.span.source.name)} is no shell script that bash could read`,
    span: failure.span,
    note: lowerFirst(printableLine(say(shellWords, failure.problem))),
    remedy: 'mend it there; bash -n SCRIPT checks it too',
  }),
  'bad-directive': (failure) => ({
    what: `this line of ${q(failure.span.source.name)} can't be right for ${failure.engine}`,
    span: failure.span,
    remedy: say(directiveWords, failure.problem),
  }),
  'no-directives': (failure) => ({
    what: `${q(failure.name)} has no directives that tell which engine it is for`,
    remedy: `name one with --scheduler${failure.detected.length === 0 ? '' : ` (found here: ${failure.detected.join(', ')})`}, or --here to run it on this machine`,
  }),
  'sweep-inside': (failure) => ({
    what: failure.alike
      ? `this starts a program that the script sweeps elsewhere, ${insideWords[failure.inside][0]}`
      : `a command with overrides stands ${insideWords[failure.inside][0]}`,
    span: failure.span,
    remedy: `${insideWords[failure.inside][1]}; # mlx: setup behind it leaves it as it is, in every job`,
  }),
  'sweeps-together': (failure) => ({
    what: 'two commands that are swept stand in one statement',
    span: failure.span,
    remedy: 'write each on a line of its own; # mlx: setup behind a line keeps it as it is, in every job',
  }),
  'word-expands': (failure) => ({
    what:
      failure.by === 'braces'
        ? 'the shell would make several words of this, or one without its braces'
        : `the shell would put names of files in the place of this: ${q(failure.into ?? '')}`,
    span: failure.span,
    remedy: "put the override in quotes, 'key={a: 1}' or 'key=[1,2]'; to sweep, write key=a,b",
  }),
  'sweep-in-environment': (failure) => ({
    what: `the variable ${q(failure.variable)} holds a sweep, ${q(failure.value)}, which the script does not tell`,
    span: failure.span,
    remedy: `write it here, or set it in the script: ${printableLine(failure.variable)}=${printableLine(failure.value)}`,
  }),
  'nothing-swept': (failure) => {
    const [first] = failure.candidates;
    return {
      what: `no command in ${q(failure.name)} has overrides`,
      ...(first && { span: first, note: 'this one?' }),
      remedy: 'give one key=value words, or put # mlx: sweep behind it',
    };
  },
};
