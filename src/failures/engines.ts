import kebabCase from 'lodash/kebabCase.js';
import { clockDuration, expectedDuration } from '../core/clock.js';
import { printableLine } from '../core/text.js';
import { enumerated, plural } from '../core/words.js';
import { didYouMean, type Message, type ProblemWords, q, say, type Words } from './message.js';

/** Failures of batch engines and of the jobs that they are asked for. */
export type EnginesFailure =
  | { readonly reason: 'unknown-engine'; readonly name: string; readonly near: string | undefined }
  | {
      readonly reason: 'no-engine';
      readonly detected: readonly string[];
      readonly looked: readonly string[];
      /** The settings file that can name one. */
      readonly file: string;
    }
  | {
      readonly reason: 'engine-missing';
      readonly engine: string;
      readonly command: string;
      /** The command to type where it is; undefined for a launch, which can be made here too. */
      readonly again?: string | undefined;
    }
  | { readonly reason: 'bad-engine-module'; readonly path: string; readonly problem: ModuleProblem }
  | {
      readonly reason: 'engine-trouble';
      readonly engine: string;
      /** The engine's own words; undefined if it did not list its jobs. */
      readonly words: string | undefined;
      /** The command to type once it answers again, if there is one. */
      readonly again?: string;
    }
  | { readonly reason: 'no-queues'; readonly engine: string }
  | { readonly reason: 'needs-engine'; readonly option: string }
  | { readonly reason: 'needs-time'; readonly option: string }
  | { readonly reason: 'needs-retries' }
  | {
      readonly reason: 'bad-resource';
      readonly resource: string;
      readonly value: string;
      readonly expected: ExpectedResource;
    }
  | {
      readonly reason: 'resource-unsupported';
      readonly engine: string;
      readonly resource: string;
      readonly problem: UnsupportedProblem;
    }
  | {
      readonly reason: 'unknown-profile';
      readonly name: string;
      readonly near: string | undefined;
      readonly known: readonly string[];
    }
  | { readonly reason: 'bad-native-option'; readonly option: string }
  | { readonly reason: 'native-option-reserved'; readonly option: string; readonly engine: string }
  /** `names` are the clusters of the option or variable `by`: several, or none that has a name. */
  | {
      readonly reason: 'cluster-unknown';
      readonly engine: string;
      readonly by: string;
      readonly names: readonly string[];
    }
  | { readonly reason: 'options-contradict'; readonly option: string; readonly resource: string }
  | { readonly reason: 'dependencies-unsupported'; readonly engine: string }
  | { readonly reason: 'request-impossible'; readonly engine: string; readonly problem: RequestProblem }
  | {
      readonly reason: 'submission-failed';
      readonly engine: string;
      /** The engine's own words. */
      readonly words: string;
      readonly launch: string;
      readonly submitted: number;
      readonly total: number;
      /**
       * All but `refused` may pass. `limit` is a limit on the number of jobs; after `unknown`, mlx finds out
       * whether the engine took the job.
       */
      readonly outcome: 'refused' | 'not-now' | 'limit' | 'unknown';
      /** `--store DIR`, if `mlx resume` would look elsewhere without it. */
      readonly store?: string;
    };

/** Problems of a user's own engine module. */
type ModuleProblem =
  /** The code or the message of the error that importing it threw. */
  | { readonly kind: 'not-loaded'; readonly message: string }
  | { readonly kind: 'no-export' }
  | { readonly kind: 'member-missing'; readonly member: string; readonly type: string };

/** The values that a resource can have. */
type ExpectedResource =
  | {
      readonly kind:
        | 'time'
        | 'count'
        | 'memory'
        | 'word'
        | 'name'
        | 'line'
        | 'times'
        | 'signal-to'
        | 'causes'
        | 'count-or-none';
    }
  | { readonly kind: 'signal'; readonly signals: readonly string[] }
  /** `limit` is the time limit in seconds. */
  | { readonly kind: 'signal-before'; readonly limit: number }
  /** A factor such as `x2` needs an amount that the run had. */
  | { readonly kind: 'amount-of-run'; readonly id: number | undefined };

/** Reasons why an engine has no form for a resource. */
type UnsupportedProblem =
  | { readonly kind: 'uneven-tasks'; readonly tasks: number; readonly nodes: number }
  | { readonly kind: 'one-queue' }
  | { readonly kind: 'signals-group' }
  /** `by` decides on the grace instead. */
  | { readonly kind: 'grace-decided'; readonly by: string | undefined }
  | { readonly kind: 'grace-of-execute' }
  | { readonly kind: 'pbs-constraint' }
  | { readonly kind: 'oar-memory' }
  | { readonly kind: 'oar-exclude' }
  | { readonly kind: 'arrays-without-limit' }
  | { readonly kind: 'oar-gpus-and-cpus' }
  | { readonly kind: 'sge-nodes' }
  | { readonly kind: 'sge-constraint' }
  | { readonly kind: 'sge-exclude' }
  | { readonly kind: 'sge-tasks' }
  | { readonly kind: 'lsf-exclude' }
  | { readonly kind: 'lsf-nodes' }
  | { readonly kind: 'no-option' };

/** Limits of a queue that a request exceeds. Amounts are texts as the engine writes them. */
type RequestProblem =
  | {
      readonly kind: 'no-queue';
      readonly name: string;
      readonly near: string | undefined;
      readonly known: readonly string[];
    }
  | { readonly kind: 'too-long'; readonly queue: string; readonly asked: string; readonly most: string }
  | { readonly kind: 'too-many-cpus'; readonly queue: string; readonly asked: number; readonly most: number }
  | { readonly kind: 'too-much-memory'; readonly queue: string; readonly asked: string; readonly most: string }
  | { readonly kind: 'too-many-nodes'; readonly queue: string; readonly asked: number; readonly most: number }
  /** The engine's own words. */
  | { readonly kind: 'said'; readonly words: string };

const moduleWords: ProblemWords<ModuleProblem> = {
  'not-loaded': ({ message }) => message,
  'no-export': () => "it exports neither 'engine' nor a default",
  'member-missing': ({ member, type }) => `its engine has no ${type} '${member}'`,
};

const resourceWords: ProblemWords<ExpectedResource> = {
  time: () => expectedDuration,
  count: () => 'a whole number, 1 or more',
  memory: () => 'an amount with its unit: 8G, 512M',
  word: () => 'a name without blanks and quotes',
  name: () => 'a name on one line',
  line: () => 'text on one line',
  'count-or-none': () => 'a whole number, 0 or more',
  causes: () => 'exit codes from 1 to 255, oom or node, with commas between: 1,137,oom,node',
  times: () => 'nothing, or how often at most: 1, 2, …',
  'signal-to': () => 'program or group',
  signal: ({ signals }) =>
    `a signal and how long before the time limit, such as USR1@120 or USR1@2m; signals: ${signals.join(', ')}`,
  'signal-before': ({ limit }) =>
    `a signal less than ${clockDuration(limit)} before the limit, which is the time that there is`,
  'amount-of-run': ({ id }) => `an amount, since run ${id} asked for none`,
};

const unsupportedWords: ProblemWords<UnsupportedProblem> = {
  'uneven-tasks': ({ tasks, nodes }) => `${tasks} tasks do not spread evenly over ${nodes} nodes`,
  'one-queue': () => 'a job is in one queue: name one',
  'signals-group': () => 'it signals all processes of a job itself',
  'grace-decided': ({ by = 'the engine' }) => `${by} decides that`,
  'grace-of-execute': () => 'mlx execute --grace TIME decides that',
  'pbs-constraint': () => "name the resource: --option '-l select=1:NAME=VALUE'",
  'oar-memory': () => "its name for memory differs from site to site: --option '-p memnode>=8192'",
  'oar-exclude': () => `its nodes have properties: --option "-p network_address not in ('NODE')"`,
  'arrays-without-limit': () => 'for arrays: leave out --array always, and its jobs wait for one another',
  'oar-gpus-and-cpus': () => "cores go with the GPU: ask for one of them, or --option '-l /nodes=1/gpu=1'",
  'sge-nodes': () => 'a parallel environment decides on nodes',
  'sge-constraint': () => "it has no features: --option '-l NAME=VALUE'",
  'sge-exclude': () => "nodes are a limit: --option '-l h=!(NODE|NODE)'",
  'sge-tasks': () => "a parallel environment has slots: --option '-pe NAME SLOTS'",
  'lsf-exclude': () => 'it knows hosts by their whole names: node3,node4',
  'lsf-nodes': () => 'it has slots: say how many with --tasks',
  'no-option': () => 'it has no option for that',
};

/**
 * Returns the option, ready to be typed, that keeps jobs off a node of an engine without `--exclude`, as the
 * message about `--exclude` names it. Undefined if the engine has none.
 */
export function excludingOption(problem: UnsupportedProblem | undefined, node: string): string | undefined {
  const [, option] = problem === undefined ? [] : (/: (--option .*)$/.exec(say(unsupportedWords, problem)) ?? []);
  return option?.includes('NODE') ? option.replace(/NODE(\|NODE)?/, node) : undefined;
}

const requestWords: ProblemWords<RequestProblem> = {
  'no-queue': ({ name, near, known }) =>
    `it has no queue '${name}'${near === undefined ? '' : `, did you mean '${near}'?`}; there are ${known.join(', ')}`,
  'too-long': ({ queue, asked, most }) => `a time of ${asked} is over the ${most} of '${queue}'`,
  'too-many-cpus': ({ queue, asked, most }) => `no node of '${queue}' has ${asked} CPUs, the largest has ${most}`,
  'too-much-memory': ({ queue, asked, most }) =>
    `no node of '${queue}' has ${asked} of memory, the largest has ${most}`,
  'too-many-nodes': ({ queue, asked, most }) => `'${queue}' has ${most} nodes, not ${asked}`,
  said: ({ words }) => words,
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
    remedy:
      failure.again === undefined
        ? 'log in where jobs are submitted from, or leave out --scheduler to run on this machine'
        : `log in where jobs are submitted from, then type ${failure.again}`,
    exitCode: 3,
  }),
  'bad-engine-module': (failure) => ({
    what: `${q(failure.path)} is no engine: ${printableLine(say(moduleWords, failure.problem))}`,
    remedy: 'docs/engines.md tells what it has to export, and examples/my-engine is one that works',
  }),
  'engine-trouble': (failure) => ({
    what: `${failure.engine} did not do it: ${printableLine(failure.words ?? 'it does not tell which jobs it has')}`,
    remedy: failure.again === undefined ? undefined : `once it answers, ${failure.again} goes on`,
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
  'needs-retries': () => ({
    what: '--retry-on says after which failures a run is tried again, and nothing says how often',
    remedy: 'add --retries N',
  }),
  'needs-time': (failure) => ({
    what: `${q(failure.option)} counts back from the time limit, and none is known`,
    remedy: 'say how long a run may take: --time 2h',
  }),
  'bad-resource': (failure) => ({
    what: `${q(failure.value)} is no value for ${q(kebabCase(failure.resource))}`,
    remedy: `expected ${say(resourceWords, failure.expected)}`,
  }),
  'resource-unsupported': (failure) => ({
    what: `${failure.engine} can't express ${q(`--${kebabCase(failure.resource)}`)}`,
    remedy: printableLine(say(unsupportedWords, failure.problem)),
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
  'cluster-unknown': (failure) => ({
    what: `${q(failure.by)} leaves open which cluster of ${failure.engine} the jobs go to, and mlx could not follow them`,
    remedy: 'name one cluster there',
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
    what: `${failure.engine} could never run these jobs: ${printableLine(say(requestWords, failure.problem))}; nothing was submitted`,
    remedy: 'ask for what there is, or for another queue with --partition',
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
    what: `no engine is configured; on this machine there is ${enumerated(detected)}`,
    remedy: `say --scheduler ${first}, or write into ${printableLine(file)}\n    scheduler:\n      name: ${first}`,
  };
}

/**
 * Returns why the jobs of a launch were not all submitted, in the engine's own words as far as it has some.
 */
export function submissionText({ words, outcome }: Extract<EnginesFailure, { reason: 'submission-failed' }>): string {
  return outcome === 'unknown' ? `it is not known whether the job came in: ${words}` : words;
}

function submissionFailed(failure: Extract<EnginesFailure, { reason: 'submission-failed' }>): Message {
  const { engine, submitted, total, outcome } = failure;
  const rest = total - submitted;
  const was = (count: number) => (count === 1 ? 'was' : 'were');
  const count =
    total === 1
      ? 'the run was not submitted'
      : `${submitted} of ${plural(total, 'run')} ${was(submitted)} submitted, ${rest} ${was(rest)} not`;
  return {
    what: `${engine} ${outcome === 'refused' ? 'refused' : 'takes no more jobs now'}: ${printableLine(submissionText(failure))}`,
    remedy: `${count}; ${restText(failure)}`,
    exitCode: 3,
  };
}

/** Returns how the rest of a launch is submitted. */
function restText({
  launch,
  submitted,
  outcome,
  store,
}: Extract<EnginesFailure, { reason: 'submission-failed' }>): string {
  const resume = ['mlx resume', `@${launch}`, store].filter(Boolean).join(' ');
  switch (outcome) {
    case 'refused':
      return `${resume} asks for the same again; for something else, launch again`;
    case 'limit':
      return `${resume} submits as many more as go in, and with --max-queued ${submitted || 'N'} stays to feed in the rest`;
    case 'not-now':
    case 'unknown':
      return `${resume} submits the rest`;
  }
}
