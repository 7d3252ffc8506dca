import kebabCase from 'lodash/kebabCase.js';
import { printableLine } from '../core/text.js';
import { plural } from '../core/words.js';
import { didYouMean, type Message, q, type Words } from './message.js';

/** Failures of batch engines and of the jobs that they are asked for. */
export type EnginesFailure =
  | { readonly reason: 'unknown-engine'; readonly name: string; readonly near: string | undefined }
  | {
      readonly reason: 'no-engine';
      readonly detected: readonly string[];
      readonly looked: readonly string[];
      /** The file that would name one. */
      readonly file: string;
    }
  | { readonly reason: 'engine-missing'; readonly engine: string; readonly command: string }
  | { readonly reason: 'bad-engine-module'; readonly path: string; readonly problem: string }
  | { readonly reason: 'engine-trouble'; readonly engine: string; readonly words: string }
  | { readonly reason: 'no-queues'; readonly engine: string }
  | { readonly reason: 'needs-engine'; readonly option: string }
  | { readonly reason: 'needs-time'; readonly option: string }
  | { readonly reason: 'bad-resource'; readonly resource: string; readonly value: string; readonly expected: string }
  | {
      readonly reason: 'resource-unsupported';
      readonly engine: string;
      readonly resource: string;
      readonly why: string;
    }
  | {
      readonly reason: 'unknown-profile';
      readonly name: string;
      readonly near: string | undefined;
      readonly known: readonly string[];
    }
  | { readonly reason: 'bad-native-option'; readonly option: string }
  | { readonly reason: 'native-option-reserved'; readonly option: string; readonly engine: string }
  | { readonly reason: 'options-contradict'; readonly option: string; readonly resource: string }
  | { readonly reason: 'dependencies-unsupported'; readonly engine: string }
  | { readonly reason: 'request-impossible'; readonly engine: string; readonly problem: string }
  | {
      readonly reason: 'submission-failed';
      readonly engine: string;
      readonly words: string;
      readonly launch: string;
      readonly submitted: number;
      readonly total: number;
      /** Whether another try may succeed. */
      readonly passing: boolean;
    };

/** The words of these failures. */
export const enginesWords: Words<EnginesFailure> = {
  'unknown-engine': (failure) => ({
    what: `unknown engine ${q(failure.name)}${didYouMean(failure.near)}`,
    remedy: 'expected here, slurm, oar, sge, pbs, torque, lsf, mwm, or the path of a module: ./my-engine.mjs',
  }),
  'no-engine': (failure) => noEngine(failure),
  'engine-missing': (failure) => ({
    what: `${failure.engine} is not on this machine: there is no ${q(failure.command)} on PATH; nothing was submitted`,
    remedy: 'log in where jobs are submitted from, or leave out --scheduler to run on this machine',
    exitCode: 3,
  }),
  'bad-engine-module': (failure) => ({
    what: `${q(failure.path)} is no engine: ${printableLine(failure.problem)}`,
    remedy: 'docs/engines.md tells what it has to export, and examples/my-engine is one that works',
  }),
  'engine-trouble': (failure) => ({
    what: `${failure.engine} did not do it: ${printableLine(failure.words)}`,
    exitCode: 3,
  }),
  'no-queues': (failure) => ({
    what: `${failure.engine === 'local' ? 'the local queue' : 'this machine'} has no queues of an engine`,
    remedy: 'mlx queues --scheduler slurm asks an engine; mlx list shows what is in the local queue',
  }),
  'needs-engine': (failure) => ({
    what: `${q(failure.option)} is for jobs, and these runs are processes on this machine`,
    remedy: 'add --scheduler to submit them, or leave it out',
  }),
  'needs-time': (failure) => ({
    what: `${q(failure.option)} counts back from the time limit, and none is known`,
    remedy: 'say how long a run may take: --time 2h',
  }),
  'bad-resource': (failure) => ({
    what: `${q(failure.value)} is no value for ${q(kebabCase(failure.resource))}`,
    remedy: `expected ${failure.expected}`,
  }),
  'resource-unsupported': (failure) => ({
    what: `${failure.engine} can't express ${q(`--${kebabCase(failure.resource)}`)}`,
    remedy: printableLine(failure.why),
  }),
  'unknown-profile': (failure) => ({
    what: `there is no profile ${q(failure.name)}${didYouMean(failure.near)}`,
    remedy:
      failure.known.length === 0
        ? 'the setting scheduler.profiles defines them'
        : `the settings define ${failure.known.map(printableLine).join(', ')}`,
  }),
  'bad-native-option': (failure) => ({
    what: `${q(failure.option)} is no option of an engine`,
    remedy: "expected the text of one directive, without its marker: --option '--gres=gpu:1'",
  }),
  'native-option-reserved': (failure) => ({
    what: `mlx sets ${q(failure.option)} itself for each job of ${failure.engine}`,
    remedy: 'leave it out: names, log files and arrays are what tells runs apart',
  }),
  'options-contradict': (failure) => ({
    what: `${q(failure.option)} and --${failure.resource} ask for the same thing`,
    remedy: 'keep one of them',
  }),
  'dependencies-unsupported': (failure) => ({
    what: `${failure.engine} can't make jobs wait for others`,
    remedy: 'its module has no function "dependency"; or let mlx wait: mlx wait ID && mlx run …',
  }),
  'request-impossible': (failure) => ({
    what: `${failure.engine} could never run these jobs: ${printableLine(failure.problem)}; nothing was submitted`,
    remedy: 'ask for less, or for another queue with --partition',
    exitCode: 3,
  }),
  'submission-failed': (failure) => submissionFailed(failure),
};

function noEngine({ detected, looked, file }: Extract<EnginesFailure, { reason: 'no-engine' }>): Message {
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

function submissionFailed(failure: Extract<EnginesFailure, { reason: 'submission-failed' }>): Message {
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
