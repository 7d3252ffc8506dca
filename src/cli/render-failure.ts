import kebabCase from 'lodash/kebabCase.js';
import { locate, type Span } from '../core/span.js';
import { nearest } from '../core/suggest.js';
import { printable, printableLine } from '../core/text.js';
import { plural } from '../core/words.js';
import { type Failure, unreachable } from '../failures/index.js';
import { describeConfigFailure } from './config-failure.js';
import { widthOf } from './output/table.js';
import { describeVersionFailure } from './version-failure.js';

/** A failure in words, ready for standard error, and the exit code that goes with it. */
export interface RenderedFailure {
  readonly text: string;
  readonly exitCode: number;
}

/** A failure in words, before they are put together. */
export interface Message {
  /** What is wrong. */
  readonly what: string;
  /** Where, if in a text. */
  readonly span?: Span;
  /** What stands at the caret. */
  readonly note?: string;
  /** What to do about it. */
  readonly remedy?: string | undefined;
  /** 2 unless said otherwise: the input was wrong and nothing was written. */
  readonly exitCode?: number;
}

/** Where a command stands that can't become runs, and what to write instead. */
const insideWords = {
  loop: ['in a loop', 'write the sweep that the loop stands for (seed=1,2,3), without the loop'],
  condition: ['in a condition', 'put it behind the condition, or decide before submitting'],
  function: ['in a function', 'write the command where the function is called'],
  subshell: ['in a subshell', 'leave out the parentheses: each job is a shell of its own'],
  group: ['in braces', 'leave out the braces, and redirect the command itself'],
  substitution: ['in $(…)', 'let the command write a file, and read that after it'],
  background: ['in the background', 'leave out the & and the wait: each point is a job of its own'],
} as const;

/** Renders a failure: what is wrong, where with a caret, what to do. */
export function renderFailure(failure: Failure): RenderedFailure {
  const { what, span, note, remedy, exitCode = 2 } = describe(failure);
  const excerpt = span ? renderExcerpt(span, note) : '';
  return { text: `mlx: ${what}\n${excerpt}${remedy ? `  ${remedy}\n` : ''}`, exitCode };
}

/** A failure as it is told beside other things, without the name of the command. */
export function problemText(failure: Failure): string {
  return renderFailure(failure).text.slice('mlx: '.length).trim();
}

/** The line that a span is on, with a caret under its place by display width; long lines are cut around it. */
export function renderExcerpt(span: Span, note = ''): string {
  const { line, column, lineText, before, covered } = locate(span);
  const multiline = span.source.text.includes('\n');
  const gutter = multiline ? `${line} | ` : '';
  const place = multiline ? `  ${printableLine(span.source.name)}:${line}:${column}\n` : '';
  const cutBefore = before.length > 60 ? `…${before.slice(-50)}` : before;
  const cutLine = `${cutBefore}${lineText.slice(before.length, before.length + 60)}`;
  const indent = ' '.repeat(gutter.length + widthOf(shown(cutBefore)));
  const carets = '^'.repeat(Math.max(1, Math.min(widthOf(shown(covered)), 60)));
  return `${place}    ${gutter}${shown(cutLine)}\n    ${indent}${carets}${note ? ` ${note}` : ''}\n`;
}

function shown(text: string): string {
  return printable(text.replace(/\t/g, ' '));
}

/** A word of a user's in quotes. */
export const q = (text: string) => `'${printableLine(text)}'`;
/** A suggestion, where there is one. */
export const didYouMean = (near: string | undefined) => (near === undefined ? '' : `, did you mean ${q(near)}?`);

const reducerText =
  'last, first, min, max, mean, median, std, q10 … q90, argmin, argmax, count, nan, values, or KEY=VALUE such as epoch=10';

/** `, did you mean 'a', 'b' or 'c'?` */
function didYouMeanOneOf(near: readonly string[]): string {
  const names = near.map(q);
  const last = names.at(-1);
  if (last === undefined) return '';
  return `, did you mean ${names.length > 1 ? `${names.slice(0, -1).join(', ')} or ` : ''}${last}?`;
}

const systemErrors: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of the path is no directory',
  EISDIR: 'it is a directory',
  ENOENT: 'it does not exist',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files on this machine',
  EIO: 'the disk or network failed (input/output error)',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'too many symbolic links',
  EEXIST: 'something of that name is in the way',
};

/** An error of the system in words. */
export function systemError(code: string): string {
  return systemErrors[code] ?? code;
}

function describe(failure: Failure): Message {
  switch (failure.reason) {
    case 'unknown-command':
      return {
        what: `unknown command ${q(failure.word)}${didYouMean(failure.near)}`,
        remedy: 'mlx --help lists the commands',
      };
    case 'unknown-topic':
      return {
        what: `there is no page ${q(failure.word)}${didYouMean(failure.near)}`,
        remedy: 'mlx help lists the commands and the pages',
      };
    case 'unknown-option':
      return {
        what: `unknown option ${q(failure.option)}${didYouMean(failure.near)}`,
        remedy:
          failure.command === 'run'
            ? 'mlx run --help lists the options; words meant for the program go after --'
            : `mlx ${failure.command ? `${failure.command} ` : ''}--help lists the options`,
      };
    case 'option-needs-value':
      return {
        what: `option ${q(failure.option)} needs a value`,
        remedy: `write ${failure.option}=${failure.shape}`,
      };
    case 'option-takes-no-value':
      return {
        what: `option ${q(failure.option)} takes no value, found ${q(failure.value)}`,
        remedy: `write ${failure.option} alone`,
      };
    case 'bad-option-value':
      return {
        what: `option ${q(failure.option)} can't be ${q(failure.value)}${didYouMean(failure.near)}`,
        remedy: `expected ${failure.expected}`,
      };
    case 'options-exclude':
      return { what: `options ${failure.options.map(q).join(' and ')} exclude each other`, remedy: 'keep one of them' };
    case 'needs-answer':
      return {
        what: `nobody is there to answer: ${failure.question}`,
        remedy:
          failure.flag === undefined
            ? 'nothing was changed'
            : failure.flag === '--yes'
              ? '--yes answers yes'
              : `${failure.flag} answers it; nothing was changed`,
      };
    case 'missing-argument':
      return {
        what: `${failure.argument} is missing`,
        remedy: `mlx ${failure.command} --help shows how it is written`,
      };
    case 'selection-missing':
      return {
        what: `which runs? mlx ${failure.command} could be meant for ${plural(failure.count, 'run')}`,
        remedy: 'name them (5, 12-40, @last, failed, --where EXPR), or say --all',
      };
    case 'unexpected-argument':
      return {
        what: `unexpected argument ${q(failure.argument)}`,
        remedy: `mlx ${failure.command} --help shows what it takes`,
      };
    case 'gpus-missing':
      return {
        what: `each run is to have ${plural(failure.wanted, 'GPU')}, and ${failure.visible.length === 0 ? 'none is' : `only ${failure.visible.join(', ')} can be`} seen from here`,
        remedy: 'CUDA_VISIBLE_DEVICES says which can be seen; without it all /dev/nvidia0, 1, … are',
      };
    case 'submit-here':
      return {
        what: 'mlx submit is for an engine or the local queue, not for this process',
        remedy: 'say --scheduler ENGINE, or mlx --local submit …; mlx run -- COMMAND runs one now',
      };
    case 'cpus-missing':
      return {
        what: `${plural(failure.parallel, 'run')} at once with ${plural(failure.each, 'CPU')} each would be ${failure.parallel * failure.each}, and there ${failure.available === 1 ? 'is' : 'are'} ${failure.available} here`,
        remedy: 'lower --cpus or --parallel',
      };
    case 'bad-tasks':
      return {
        what: `${q(failure.text)} names no tasks: ${failure.problem}`,
        remedy: '-t takes 10 (1 to 10), 2-20:2, 1,4,7-9, each with %5 behind it for five at once',
      };
    case 'dependency-unusable':
      return dependencyUnusable(failure);
    case 'dependencies-unsupported':
      return {
        what: `${failure.engine} can't make jobs wait for others`,
        remedy: 'its module has no function "dependency"; or let mlx wait: mlx wait ID && mlx run …',
      };
    case 'unreadable-argument':
      return failure.problem === 'nul'
        ? {
            what: `word ${failure.position} of the command would hold a NUL byte, which no program can be given`,
            remedy: 'leave it out',
          }
        : {
            what: `word ${failure.position} is not UTF-8, so it can't be passed on byte for byte`,
            remedy: 'put such bytes into a file and pass its name',
          };
    case 'no-program':
      return {
        what: 'no program to run',
        remedy: 'write mlx run PROGRAM OVERRIDES… or mlx run OVERRIDES… -- COMMAND ARGS…',
      };
    case 'bad-step':
      return { what: `${q(failure.text)} is no step of a run`, remedy: printableLine(failure.problem) };
    case 'steps-and-program':
      return {
        what: `a run has steps or a program, and ${q(failure.program)} stands beside steps`,
        remedy: `make it one of them: --step '${printableLine(failure.program).replace(/^.*\/|\..*$/g, '')}: ${printableLine(failure.program)}'`,
      };
    case 'program-missing':
      return {
        what: `there is no program ${q(failure.path)}${didYouMean(failure.near)}`,
        remedy: 'a command that is found on PATH goes after --: mlx run OVERRIDES… -- COMMAND',
      };
    case 'program-not-file':
      return { what: `the program ${q(failure.path)} is not a file`, remedy: 'name the file to run' };
    case 'program-not-executable':
      return {
        what: `the program ${q(failure.path)} is not executable`,
        remedy: `chmod +x ${printableLine(failure.path)}, or say what runs it with --interpreter`,
      };
    case 'command-not-found':
      return failure.neededBy === undefined
        ? { what: `command ${q(failure.word)} is not on PATH`, remedy: 'install it, or give its full path' }
        : {
            what: `${q(failure.word)}, needed for ${q(failure.neededBy)}, is not on PATH`,
            remedy: 'activate its environment, or say what runs the program with --interpreter',
          };
    case 'override-syntax':
      return {
        what: `can't read the ${failure.span.source.name} ${q(failure.span.source.text)}`,
        span: failure.span,
        note: `expected ${failure.expected}`,
        remedy: failure.hint,
      };
    case 'unknown-function':
      return {
        what: `there is no function ${q(failure.name)} in overrides${didYouMean(failure.near)}`,
        span: failure.span,
        remedy: `there are ${failure.known.join(', ')}; text with parentheses goes in quotes`,
      };
    case 'sweep-function':
      return {
        what: `can't call ${failure.name}() in ${q(failure.span.source.text)}`,
        span: failure.span,
        note: failure.problem,
        remedy: `it is written ${failure.usage}`,
      };
    case 'nested-sweep':
      return {
        what: 'a sweep can not stand inside of another value',
        span: failure.span,
        remedy: 'write one sweep per key: key=a,b or key=choice(a,b) or key=range(1,5)',
      };
    case 'glob-unexpanded':
      return {
        what: `glob() needs the options of the config group ${q(failure.key)}, and there is no config here`,
        span: failure.span,
        remedy: 'write the options: key=a,b',
      };
    case 'bad-interval':
      return {
        what: `this interval ${failure.problem}`,
        span: failure.span,
        remedy: 'it is written interval(START,END)',
      };
    case 'interval-unsampled':
      return {
        what: 'an interval has no values to run one by one',
        span: failure.span,
        note: 'its values are drawn',
        remedy: '--sample N draws N points; range(START,STOP,STEP) makes a grid',
      };
    case 'sample-exhausted':
      return {
        what: `only ${failure.found} of ${failure.wanted} points could be drawn: after them nothing new was kept`,
        remedy: `ask for fewer with --sample ${Math.max(1, failure.found)}, or loosen --where`,
      };
    case 'no-such-point':
      return {
        what: `there is no point ${failure.point}: the sweep has ${plural(failure.count, 'point')}`,
        remedy: `they are numbered from 0${failure.count > 0 ? ` to ${failure.count - 1}` : ''}; --dry-run lists them`,
      };
    case 'zip-key':
      return {
        what: failure.used
          ? `--zip names ${q(failure.key)} twice`
          : `--zip names ${q(failure.key)}, which is not swept here${didYouMean(nearest(failure.key, failure.swept))}`,
        remedy:
          failure.swept.length === 0 ? 'no key is swept' : `swept are ${failure.swept.map(printableLine).join(', ')}`,
      };
    case 'zip-lengths':
      return {
        what: `keys that move together need as many values each: ${failure.counts
          .map(({ key, count }) => `${printableLine(key)} has ${count}`)
          .join(', ')}`,
        remedy: 'give each as many, or leave out --zip to cross them',
      };
    case 'key-in-points':
      return {
        what: `${q(failure.key)} is given by the points already`,
        span: failure.span,
        remedy: 'take it out here, or out of the file of points',
      };
    case 'empty-sweep':
      return {
        what: failure.of === undefined ? 'this sweep has no points' : `--where keeps none of the ${failure.of} points`,
        ...(failure.span && { span: failure.span, note: 'no values' }),
        remedy:
          failure.of === undefined ? 'give at least one value' : 'loosen it; --count tells how many points it keeps',
      };
    case 'bad-sweep-file':
      return {
        what: `can't read the sweep in ${q(failure.span.source.name)}`,
        span: failure.span,
        note: `${failure.problem}${didYouMean(failure.near)}`,
        remedy:
          'it has params: with keys and values, and beside it zip, where, sample, sample_seed, repeat, points or skip_existing',
      };
    case 'bad-points-file':
      return {
        what: `can't read points from ${q(failure.path)}, line ${failure.line}: ${printableLine(failure.problem)}`,
        remedy: 'a .csv file with keys in its first line, a .jsonl file of objects, or a .yaml list of mappings',
      };
    case 'unknown-group':
      return {
        what: `there is no config group ${q(failure.group)}`,
        span: failure.span,
        remedy: `looked for the directory ${failure.looked.map(q).join(' and ')}; --config-path says where configs are`,
      };
    case 'unknown-name':
      return {
        what: failure.unresolved
          ? `${q(failure.name)} is an interpolation, which --where can't compare`
          : `no point has a value ${q(failure.name)}${didYouMean(failure.near)}`,
        span: failure.span,
        remedy: failure.unresolved
          ? 'compare the value that it refers to'
          : 'names are keys of the config and of the overrides; text goes in quotes: name == "text"',
      };
    case 'sweep-not-allowed':
      return {
        what: `${failure.where} takes one value, not a sweep`,
        span: failure.span,
        remedy: 'keep one of the values',
      };
    case 'too-many-runs':
      return {
        what:
          failure.count === undefined
            ? `this sweep has more runs than the limit of ${failure.limit}`
            : `this sweep has ${failure.count} runs, more than the limit of ${failure.limit}`,
        remedy: `--max-runs ${failure.count ?? 'N'} says that it is meant; --sample draws some of them`,
      };
    case 'swept-key-unused':
      return {
        what: `${q(failure.key)} is swept, but the command has placeholders and '{${printableLine(failure.key)}}' is not among them`,
        span: failure.span,
        remedy: `put {${printableLine(failure.key)}} into the command, or take all placeholders out to have overrides appended`,
      };
    case 'override-not-expressible':
      return {
        what: `${failure.style} has no form for this override`,
        span: failure.span,
        remedy: '--args overrides passes it as it is, --args none leaves it to the config file',
      };
    case 'script-unreadable':
      return { what: `can't read the script ${q(failure.name)}: ${failure.problem}`, remedy: 'name a shell script' };
    case 'shell-syntax':
      return {
        what: `${q(failure.span.source.name)} is no shell script that bash could read`,
        span: failure.span,
        note: lowerFirst(printableLine(failure.problem)),
        remedy: 'mend it there; bash -n SCRIPT checks it too',
      };
    case 'bad-directive':
      return {
        what: `this line of ${q(failure.span.source.name)} can't be right for ${failure.engine}`,
        span: failure.span,
        remedy: failure.problem,
      };
    case 'no-directives':
      return {
        what: `${q(failure.name)} has no directives that tell which engine it is for`,
        remedy: `name one with --scheduler${failure.detected.length === 0 ? '' : ` (found here: ${failure.detected.join(', ')})`}, or --here to run it on this machine`,
      };
    case 'sweep-inside':
      return {
        what: failure.alike
          ? `this starts a program that the script sweeps elsewhere, ${insideWords[failure.inside][0]}`
          : `a command with overrides stands ${insideWords[failure.inside][0]}`,
        span: failure.span,
        remedy: `${insideWords[failure.inside][1]}; # mlx: setup behind it leaves it as it is, in every job`,
      };
    case 'sweeps-together':
      return {
        what: 'two commands that are swept stand in one statement',
        span: failure.span,
        remedy: 'write each on a line of its own; # mlx: setup behind a line keeps it as it is, in every job',
      };
    case 'word-expands':
      return {
        what:
          failure.by === 'braces'
            ? 'the shell would make several words of this, or one without its braces'
            : `the shell would put names of files in the place of this: ${q(failure.into ?? '')}`,
        span: failure.span,
        remedy: "put the override in quotes, 'key={a: 1}' or 'key=[1,2]'; to sweep, write key=a,b",
      };
    case 'sweep-in-environment':
      return {
        what: `the variable ${q(failure.variable)} holds a sweep, ${q(failure.value)}, which the script does not tell`,
        span: failure.span,
        remedy: `write it here, or set it in the script: ${printableLine(failure.variable)}=${printableLine(failure.value)}`,
      };
    case 'nothing-swept': {
      const [first] = failure.candidates;
      return {
        what: `no command in ${q(failure.name)} has overrides`,
        ...(first && { span: first, note: 'this one?' }),
        remedy: 'give one key=value words, or put # mlx: sweep behind it',
      };
    }
    case 'config-not-found':
    case 'unreadable-file':
    case 'yaml-syntax':
    case 'yaml-not-mapping':
    case 'bad-config':
    case 'bad-search-path':
    case 'bad-defaults':
    case 'no-such-option':
    case 'option-required':
    case 'group-not-chosen':
    case 'group-twice':
    case 'config-cycle':
    case 'kinds-differ':
    case 'bad-group-override':
    case 'bad-interpolation':
    case 'override-unresolvable':
    case 'config-too-large':
    case 'unresolvable':
    case 'unknown-key':
    case 'no-hydra-key':
    case 'no-such-key':
    case 'key-exists':
    case 'not-a-container':
    case 'value-differs':
    case 'nothing-to-delete':
    case 'group-unknown':
      return describeConfigFailure(failure);
    case 'points-failed':
      return { what: failedPoints(failure) };
    case 'unknown-setting':
      return {
        what: `unknown setting ${q(failure.key)}${didYouMean(failure.near)}`,
        span: failure.span,
        remedy: 'configs/mlx.yaml in the package lists all settings',
      };
    case 'bad-setting':
      return {
        what: `the setting ${q(failure.key)} is not right`,
        span: failure.span,
        note: `expected ${failure.expected}`,
      };
    case 'unsupported-setting':
      return { what: `this version can't do what ${q(failure.key)} asks for`, remedy: failure.instead };
    case 'no-git':
    case 'no-repository':
    case 'no-commit':
    case 'repository-untrusted':
    case 'repository-busy':
    case 'index-locked':
    case 'git-failed':
    case 'code-undecided':
    case 'detached-head':
    case 'commit-failed':
    case 'tree-changing':
    case 'submodule-modified':
    case 'submodule-missing':
    case 'copy-failed':
    case 'commit-gone':
    case 'not-in-commit':
    case 'bad-link':
    case 'needs-versioned':
    case 'script-leaves-copy':
    case 'version-unknown':
      return describeVersionFailure(failure);
    case 'unknown-engine':
      return {
        what: `unknown engine ${q(failure.name)}${didYouMean(failure.near)}`,
        remedy: 'expected here, slurm, oar, sge, pbs, torque, lsf, mwm, or the path of a module: ./my-engine.mjs',
      };
    case 'engine-missing':
      return {
        what: `${failure.engine} is not on this machine: there is no ${q(failure.command)} on PATH; nothing was submitted`,
        remedy: 'log in where jobs are submitted from, or leave out --scheduler to run on this machine',
        exitCode: 3,
      };
    case 'no-queues':
      return {
        what: `${failure.engine === 'local' ? 'the local queue' : 'this machine'} has no queues of an engine`,
        remedy: 'mlx queues --scheduler slurm asks an engine; mlx list shows what is in the local queue',
      };
    case 'template-field':
      return {
        what: `can't fill in ${failure.field}: ${printableLine(failure.problem)}${didYouMean(failure.near)}`,
        span: failure.span,
        remedy: "braces that are not mlx's stay as they are; {{ and }} stand for { and }",
      };
    case 'missing-count':
      return {
        what: `${failure.mode} needs --${failure.count}`,
        remedy: `say --${failure.count} N, or ${failure.count}: N in the section ${failure.mode} of the config`,
      };
    case 'unknown-word':
      return {
        what: `there is no ${failure.what} ${q(failure.word)}${didYouMean(failure.near)}`,
        remedy: `there are ${failure.known.join(', ')}`,
      };
    case 'count-of-other-mode':
      return {
        what: `${failure.mode} takes no --${failure.count}`,
        remedy: `it takes ${failure.known.map((count) => `--${count}`).join(', ')}`,
      };
    case 'submission-template':
      return {
        what: `can't work out the command that submits the job: ${printableLine(failure.problem)}`,
        span: failure.span,
        remedy: `its words are those of ${printableLine(failure.text)}`,
      };
    case 'log-unusable':
      return {
        what: `can't write ${q(failure.path)}: ${systemError(failure.code)}`,
        remedy: 'name a LOG_FILENAME in a directory that can be written to',
      };
    case 'log-in-use':
      return {
        what: `${q(failure.path)} is the log of ${failure.ids.length === 1 ? 'run' : 'runs'} ${failure.ids.join(' ')}, which may still write to it`,
        remedy: 'wait for that (mlx watch), stop it (mlx stop), or name another LOG_FILENAME',
      };
    case 'no-engine':
      return noEngine(failure);
    case 'bad-engine-module':
      return {
        what: `${q(failure.path)} is no engine: ${printableLine(failure.problem)}`,
        remedy: 'docs/engines.md tells what it has to export, and examples/my-engine is one that works',
      };
    case 'needs-engine':
      return {
        what: `${q(failure.option)} is for jobs, and these runs are processes on this machine`,
        remedy: 'add --scheduler to submit them, or leave it out',
      };
    case 'needs-time':
      return {
        what: `${q(failure.option)} counts back from the time limit, and none is known`,
        remedy: 'say how long a run may take: --time 2h',
      };
    case 'resource-unsupported':
      return {
        what: `${failure.engine} can't express ${q(`--${kebabCase(failure.resource)}`)}`,
        remedy: printableLine(failure.why),
      };
    case 'bad-resource':
      return {
        what: `${q(failure.value)} is no value for ${q(kebabCase(failure.resource))}`,
        remedy: `expected ${failure.expected}`,
      };
    case 'unknown-profile':
      return {
        what: `there is no profile ${q(failure.name)}${didYouMean(failure.near)}`,
        remedy:
          failure.known.length === 0
            ? 'the setting scheduler.profiles defines them'
            : `the settings define ${failure.known.map(printableLine).join(', ')}`,
      };
    case 'native-option-reserved':
      return {
        what: `mlx sets ${q(failure.option)} itself for each job of ${failure.engine}`,
        remedy: 'leave it out: names, log files and arrays are what tells runs apart',
      };
    case 'options-contradict':
      return {
        what: `${q(failure.option)} and --${failure.resource} ask for the same thing`,
        remedy: 'keep one of them',
      };
    case 'bad-native-option':
      return {
        what: `${q(failure.option)} is no option of an engine`,
        remedy: "expected the text of one directive, without its marker: --option '--gres=gpu:1'",
      };
    case 'request-impossible':
      return {
        what: `${failure.engine} could never run these jobs: ${printableLine(failure.problem)}; nothing was submitted`,
        remedy: 'ask for less, or for another queue with --partition',
        exitCode: 3,
      };
    case 'submission-failed':
      return submissionFailed(failure);
    case 'engine-trouble':
      return { what: `${failure.engine} did not do it: ${printableLine(failure.words)}`, exitCode: 3 };
    case 'store-unusable':
      return {
        what: `can't keep runs in ${q(failure.path)}: ${systemError(failure.code)}`,
        remedy: 'choose another directory with --store DIR',
      };
    case 'no-store':
      return {
        what: `there are no runs in ${q(failure.path)}`,
        remedy: 'mlx run makes some; --store DIR looks elsewhere',
      };
    case 'no-such-run':
      return {
        what: failure.deleted
          ? `run ${failure.selection} was deleted from ${q(failure.store)}`
          : `there is no run ${q(failure.selection)} in ${q(failure.store)}`,
        remedy: failure.last > 0 ? `the last one is ${failure.last}; mlx list shows all` : 'there are none yet',
      };
    case 'bad-selection':
      return {
        what: `can't tell which runs ${q(failure.selection)} means${didYouMean(failure.near)}`,
        remedy: 'expected 5, 12-40, 1,2,5-8, @last, @LAUNCH or a status such as failed',
      };
    case 'forced-id-many-runs':
      return {
        what: `${plural(failure.count, 'run')} can't all continue in run ${failure.id}`,
        remedy: 'give one value for each key, or leave out the forced id',
      };
    case 'run-alive':
      return { what: `run ${failure.id} is still running`, remedy: 'wait for its end, or use another id' };
    case 'in-place-overrides':
      return {
        what: `a new attempt in place keeps the overrides of run ${failure.id}, found ${q(failure.override)}`,
        remedy: `leave out --in-place to make a new run: mlx rerun ${failure.id} ${printableLine(failure.override)}`,
      };
    case 'rerun-elsewhere':
      return {
        what: `run ${failure.id} ran on this machine, and asks no engine for anything`,
        remedy: 'mlx show tells its command: give it to mlx run with --scheduler',
      };
    case 'foreign-run':
      return {
        what: `run ${failure.id} was not made by mlx, so there is no record of its command`,
        remedy: 'launch it anew with mlx run',
      };
    case 'no-such-launch':
      return {
        what: `there is no launch ${q(failure.launch)} in ${q(failure.store)}`,
        remedy: 'mlx show ID tells the launch of a run; without a name the last unfinished one is meant',
      };
    case 'launch-alive':
      return failure.seen
        ? {
            what: `launch ${failure.launch} is being carried out by process ${failure.pid} on ${printableLine(failure.host)}`,
            remedy: 'wait for it, or end it with Ctrl-C there',
          }
        : {
            what: `launch ${failure.launch} was carried out by process ${failure.pid} on ${printableLine(failure.host)}, which can't be seen from here`,
            remedy: 'resume it there, or add --force if that process is gone',
          };
    case 'system-error':
      return {
        what:
          failure.path === undefined ? systemError(failure.code) : `${q(failure.path)}: ${systemError(failure.code)}`,
        remedy: 'mend that and try again; mlx resume finishes a launch that it broke off',
        exitCode: 1,
      };
    case 'incomplete-run':
      return {
        what: `run ${failure.id} was never completed: the process that claimed it ended before`,
        remedy: `${printableLine(failure.path)} holds what there is of it`,
        exitCode: 1,
      };
    case 'broken-record':
      return {
        what: `can't make sense of ${q(failure.path)}: ${failure.problem}`,
        remedy: 'look at it by hand',
        exitCode: 1,
      };
    case 'record-not-written':
      return {
        what: `can't write to ${q(failure.path)}: ${systemError(failure.code)}`,
        remedy: 'no further run was started; mend that, then launch the rest',
        exitCode: 1,
      };
    case 'expression-syntax':
      return {
        what: `can't read the expression ${q(failure.span.source.text)}`,
        span: failure.span,
        note: `expected ${failure.expected}`,
      };
    case 'unknown-column': {
      const { column, near, quoted, span } = failure;
      return {
        what: `no run has ${q(column)}${didYouMeanOneOf(near)}`,
        span,
        remedy:
          quoted === undefined
            ? 'mlx show ID lists what a run has; names with other characters than letters, digits, _ . and - stand in backticks'
            : `a text stands in quotes: ${printableLine(quoted)}`,
      };
    }
    case 'unknown-reducer': {
      const { column, reducer, near, span } = failure;
      const [, key, value] = /^([^=]+)=(.*)$/.exec(reducer) ?? [];
      if (key === undefined || value === undefined) {
        return {
          what: `${q(`@${reducer}`)} means nothing${didYouMeanOneOf(near.map((word) => `@${word}`))}`,
          span,
          remedy: `behind @ stand ${reducerText}`,
        };
      }
      return {
        what: `no run has logged ${q(key)} beside ${q(column)}`,
        span,
        remedy: near.includes(key)
          ? `to compare, write ${printableLine(column)}@${key} == ${printableLine(value)}`
          : '@KEY=VALUE is the value where a key that is logged beside it, such as epoch, has that value',
      };
    }
    case 'unknown-status':
      return {
        what: `no status is ${q(failure.status)}${didYouMeanOneOf(failure.near)}`,
        span: failure.span,
        remedy: `statuses are ${failure.known.join(', ')}`,
      };
    default:
      return unreachable(failure);
  }
}

/** What is wrong at points of a sweep, each thing once. */
function failedPoints({ points, failed, groups }: Extract<Failure, { reason: 'points-failed' }>): string {
  const parts = groups.map(({ failure, count, example }) => {
    const [, ...text] = renderFailure(failure).text.split('mlx: ');
    return `${plural(count, 'point')}, such as ${printableLine(example)}:\n  ${text.join('mlx: ').trimEnd()}`;
  });
  return `${failed} of ${plural(points, 'point')} can't be run, so none is\n${parts.map((part) => `  ${part}`).join('\n')}`;
}

/** A message that is put behind another. */
export function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function dependencyUnusable({ id, why, where, engine }: Extract<Failure, { reason: 'dependency-unusable' }>): Message {
  switch (why) {
    case 'elsewhere':
      return {
        what: `run ${id} is none of ${engine}, for which it can be waited there: it is of ${printableLine(where)}`,
        remedy: `mlx wait ${id} && mlx run … waits for any run`,
      };
    case 'unsubmitted':
      return {
        what: `run ${id} was not submitted, so ${engine} knows nothing to wait for`,
        remedy: 'mlx resume submits what is left of its launch',
      };
    case 'lost':
      return {
        what: `run ${id} is lost, and may never end`,
        remedy: `mlx why ${id} tells more; mlx resubmit ${id} starts it again`,
      };
  }
}

function noEngine({ detected, looked, file }: Extract<Failure, { reason: 'no-engine' }>): Message {
  if (detected.length === 0) {
    return {
      what: `no engine is configured, and none was found on this machine: looked for ${looked.join(', ')}`,
      remedy: 'name one with --scheduler ENGINE, or leave it out to run here',
      exitCode: 3,
    };
  }
  const [first = ''] = detected;
  return {
    what: `no engine is configured; on this machine there is ${detected.join(' and ')}`,
    remedy: `say --scheduler ${first}, or write into ${printableLine(file)}\n    scheduler:\n      name: ${first}`,
  };
}

function submissionFailed(failure: Extract<Failure, { reason: 'submission-failed' }>): Message {
  const { engine, words, launch, submitted, total, passing } = failure;
  const rest = total - submitted;
  return {
    what: `${engine} ${passing ? 'takes no more jobs now' : 'refused'}: ${printableLine(words)}`,
    remedy: `${submitted} of ${plural(total, 'run')} ${submitted === 1 ? 'was' : 'were'} submitted, ${rest} ${rest === 1 ? 'was' : 'were'} not; ${
      passing ? `mlx resume @${launch} submits the rest` : `mend what it names, then mlx resume @${launch}`
    }`,
    exitCode: 3,
  };
}
