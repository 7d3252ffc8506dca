import { clockDuration } from '../../core/clock.js';
import { consecutive } from '../../core/consecutive.js';
import { displayPath } from '../../core/paths.js';
import { quoteCommand } from '../../core/quote.js';
import { locate } from '../../core/span.js';
import { printableLine } from '../../core/text.js';
import { plural } from '../../core/words.js';
import type { EngineLimits } from '../../engines/index.js';
import {
  type BatchCommand,
  type BatchScript,
  type EngineTarget,
  failureLimitOf,
  jobShape,
  type LaunchCode,
  type LaunchPoints,
  limitKept,
  type Plan,
  type QueueTarget,
  retryPolicyOf,
  type Target,
  tasksPerArray,
  type Waiting,
  waitingIn,
} from '../../launch/index.js';
import { asksToStartAgain, resourceNames, resourceOption, resourceText } from '../../resources/index.js';
import { nextIdHint } from '../../store/index.js';
import { isSweep } from '../../sweep/index.js';
import { dependencyText } from './dependency-text.js';

/** A checked launch, and the number of runs at once. */
export interface LaunchShape<T extends Target = Target> {
  readonly plan: Plan;
  readonly parallel: number;
  readonly notes: readonly string[];
  readonly target: T;
  /** What the engine allows, if it was asked. */
  readonly limits?: EngineLimits;
  /**
   * Called once everything has been checked, just before the launch begins to write. Returns whether it has
   * written something itself.
   */
  readonly onChecked?: (() => boolean) | undefined;
}

/** Returns what a launch will do, in a few lines. Paths are shown from `cwd`. */
export function planText({ plan, parallel, notes, target, limits = {} }: LaunchShape, cwd: string): string {
  const { count, settings, script, commands, code, job } = plan;
  const store = settings.logger.parent_log_dir;
  const forced = settings.logger.forced_log_id;
  const atOnce = Math.min(parallel, count);
  const ids = forced >= 0 ? `run ${forced}, as a new attempt` : `runs from ${nextIdHint(store)} on`;
  const rows = [
    ...(script ? scriptRows(script) : []),
    ...commands.flatMap(({ program, steps = [], written, config, points }) => [
      ...(steps.length > 0
        ? steps.map((step) => ['step', `${step.name}: ${quoteCommand(step.program.argv)}`])
        : [['command', written ? writtenText(written) : quoteCommand(program.argv)]]),
      ...(job
        ? [['log', displayPath(job.log, cwd)]]
        : [
            ['config', config.kind === 'composed' ? config.composer.name : 'none: the overrides are the config'],
            ...pointsRows(points),
          ]),
    ]),
    ...(code ? [['code', codeText(code, cwd)]] : []),
    ['store', `${displayPath(store, cwd)}, ${ids}`],
    ...targetRows(target, count, limits),
    ...waitingRows(waitingIn(target)),
    ...restartRows(target),
    ...notes.map((note) => ['note', note]),
  ];
  return `${plural(count, 'run')} ${targetText(target, count, { atOnce, limits })}\n${rows.map(([name = '', text = '']) => `  ${name.padEnd(8)} ${printableLine(text)}\n`).join('')}`;
}

/** Returns where the runs go, in a few words. */
function targetText(
  target: Target,
  count: number,
  { atOnce, limits }: { readonly atOnce: number; readonly limits: EngineLimits },
): string {
  switch (target.kind) {
    case 'engine':
      return `as ${jobsText(target, count, limits)} of ${target.engine.title}`;
    case 'queue':
      return 'for the local queue, which mlx execute runs';
    case 'here':
      return `on this machine${count > 1 ? `, ${atOnce} at once` : ''}`;
  }
}

function targetRows(target: Target, count: number, limits: EngineLimits): string[][] {
  if (target.kind === 'here') return [];
  return target.kind === 'engine' ? jobRows(target, count, limits) : queueRows(target);
}

/** Returns which version of the code runs, and from which directory. */
function codeText({ version }: LaunchCode, cwd: string): string {
  const { commit, branch, snapshot, dirty, copy } = version;
  const what = `${snapshot ? 'snapshot' : 'commit'} ${commit.slice(0, 10)}${branch === null ? '' : ` ${snapshot ? 'of' : 'on'} ${branch}`}`;
  const rest = dirty ? '; what it does not hold is kept as a patch' : '';
  return copy === null ? `${what}, the files as they are here${rest}` : `${what}, in ${displayPath(copy, cwd)}${rest}`;
}

/** Returns the script's name, and the lines that stay the same in every job: those around the commands. */
function scriptRows({ name, shell, commands }: BatchScript): string[][] {
  const taken = new Set(commands.map(({ command }) => command.statement.offset));
  const lines = new Set<number>();
  let [line, at] = [1, 0];
  for (const { offset } of shell.statements) {
    line += shell.source.text.slice(at, offset).split('\n').length - 1;
    at = offset;
    if (!taken.has(offset)) lines.add(line);
  }
  return [['script', name], ...(lines.size === 0 ? [] : [['stays', `${linesText(lines)}, in every job`]])];
}

/** Returns `line 3` or `lines 3–5, 8`. */
function linesText(lines: ReadonlySet<number>): string {
  const stretches = consecutive(lines).map(([first, last]) => (first === last ? String(first) : `${first}–${last}`));
  return `line${lines.size > 1 ? 's' : ''} ${stretches.slice(0, 10).join(', ')}${stretches.length > 10 ? ', …' : ''}`;
}

/** Returns the line of a batch script and its first words. */
function writtenText({ command: { span } }: BatchCommand): string {
  return `line ${locate(span).line}: ${shortened(span.source.text.slice(span.offset, span.offset + span.length).replace(/\s*\\?\n\s*/g, ' '))}`;
}

/** Returns what is swept, and which points run. */
function pointsRows({ sweep, request }: LaunchPoints): string[][] {
  const given = request.rows ? sweep.axes.slice(0, 1) : [];
  const text = (position: number) => shortened(sweep.overrides[position]?.span.source.text ?? '');
  const crossed = sweep.axes.slice(given.length).flatMap(({ positions, count }) => {
    const isSwept = positions.some((position) => isSweep(sweep.overrides[position]?.value));
    return isSwept ? `${positions.map(text).join(' with ')} (${count})` : [];
  });
  const drawn = sweep.drawn.map(({ position }) => `${text(position)} (drawn)`);
  const keys = given.flatMap(({ positions, count }) => {
    return `${positions.map((position) => sweep.overrides[position]?.key).join(', ')} as given (${count})`;
  });
  const swept = [...keys, ...crossed, ...drawn];
  const fixed = sweep.axes.flatMap(({ positions }) => {
    const [position = 0] = positions;
    return given.some((axis) => axis.positions.includes(position)) || isSweep(sweep.overrides[position]?.value)
      ? []
      : text(position);
  });
  const { where, sample, seed, repeat = 1, only } = request;
  const of = Number.isFinite(sweep.size) ? ` of ${sweep.size}` : '';
  return [
    ['sweep', swept.length === 0 ? 'none' : swept.join(' × ')],
    ...(fixed.length === 0 ? [] : [['set', fixed.join(' ')]]),
    ...where.map((expression) => ['where', expression]),
    ...(sample === undefined ? [] : [['sample', `${sample}${where.length > 0 ? '' : of}, seed ${seed}`]]),
    ...(repeat === 1 ? [] : [['repeat', `each point ${repeat} times`]]),
    ...(only === undefined ? [] : [['point', `number ${only} alone`]]),
  ];
}

/** At most this many characters of a sweep are shown; the number of its values follows. */
const shownOfSweep = 100;

function shortened(text: string): string {
  return text.length <= shownOfSweep ? text : `${text.slice(0, shownOfSweep)}…`;
}

function jobsText(jobs: EngineTarget, runs: number, limits: EngineLimits): string {
  const { count, arrays } = jobShape(jobs, runs);
  if (!arrays) return plural(count, 'job');
  const many = Math.ceil(count / tasksPerArray(jobs, count, limits));
  return `${many > 1 ? `${many} arrays` : 'an array'} of ${plural(count, 'job')}`;
}

/** Returns how many jobs of a launch run at once, and what comes of it. */
function runningText(jobs: EngineTarget, runs: number, limits: EngineLimits): string {
  const { maxRunning } = jobs;
  if (maxRunning === undefined) return '';
  const kept = limitKept(jobs, runs, limits);
  const atOnce = `${maxRunning} running at once`;
  if (!kept || kept.by === 'array') return atOnce;
  if (kept.fed) return `${atOnce}: mlx stays to feed them in, and mlx resume goes on if it is interrupted`;
  return kept.by === 'arrays'
    ? `${atOnce}: each array waits for the end of the one before it, and places are idle until then`
    : `${atOnce}, in ${plural(maxRunning, 'chain')}: each waits for the end of one before it`;
}

/** Returns what each job asks for, and what all ask for together. */
function jobRows(jobs: EngineTarget, runs: number, allowed: EngineLimits): string[][] {
  const { resources: r, options, engine, pack, maxQueued } = jobs;
  const each = resourceNames.flatMap((name) => {
    const value = r[name];
    const option = resourceOption(name);
    if (value === undefined || name === 'retries' || name === 'retryOn') return [];
    if (typeof value === 'boolean') return value ? option : `no ${option}`;
    return `${option} ${resourceText(name, value)}`;
  });
  const limits = [
    pack > 1 ? `${pack} runs in each job, one after the other` : '',
    runningText(jobs, runs, allowed),
    maxQueued === undefined ? '' : `${maxQueued} in the queue at once`,
  ].filter((text) => text !== '');
  const hours = ((r.time ?? 0) / 3600) * Math.ceil(runs / pack);
  const cores = (r.cpus ?? 1) * (r.tasks ?? r.nodes ?? 1);
  const gpuTime = r.gpus === undefined ? '' : `, ${timeOf('GPU', hours * r.gpus * (r.nodes ?? 1))}`;
  return [
    ...(each.length === 0 ? [] : [['each', each.join(', ')]]),
    ...(options.length === 0 ? [] : [['options', options.map((option) => `${engine.marker} ${option}`).join(', ')]]),
    ...(limits.length === 0 ? [] : [['jobs', limits.join(', ')]]),
    ...(r.time === undefined ? [] : [['at most', `${timeOf('core', hours * cores)}${gpuTime}`]]),
  ];
}

/** Returns the time of many cores or GPUs together: `1.5 core-hours`, and a short one in a smaller unit. */
function timeOf(what: string, hours: number): string {
  if (hours >= 0.1) return `${rounded(hours)} ${what}-hours`;
  return hours * 60 >= 1 ? `${rounded(hours * 60)} ${what}-minutes` : `${Math.ceil(hours * 3600)} ${what}-seconds`;
}

/** Returns what each run takes of the local queue. */
function queueRows({ priority, slots, gpus, limit }: QueueTarget): string[][] {
  const each = [
    slots > 1 ? `${slots} slots` : '',
    gpus > 0 ? plural(gpus, 'GPU') : '',
    limit === undefined ? '' : `time ${clockDuration(limit)}`,
    priority === 0 ? '' : `priority ${priority}`,
  ].filter((text) => text !== '');
  return each.length === 0 ? [] : [['each', each.join(', ')]];
}

/** Returns when failed runs are tried again, by whom, and how many failures end the launch. */
function restartRows(target: Target): string[][] {
  const { retries, retryOn } = retryPolicyOf(target);
  const most = failureLimitOf(target);
  const causes = retryOn === undefined ? 'failed by itself' : `failed (${retryOn.replaceAll(',', ', ')})`;
  const ends = target.kind === 'here' ? ', and those that run are ended' : '';
  return [
    ...(retries
      ? [['retry', `each run that ${causes}, ${plural(retries, 'time')} at most: ${retriedBy(target)}`]]
      : []),
    ...(most === undefined ? [] : [['stops', `after ${plural(most, 'failure')}: no further run starts${ends}`]]),
  ];
}

function retriedBy(target: Target): string {
  switch (target.kind) {
    case 'here':
      return 'by this launch';
    case 'queue':
      return 'by mlx execute';
    case 'engine': {
      const { engine, resources } = target;
      const byMlx = 'mlx watch or mlx resume does it';
      const causes = resources.retryOn?.split(',') ?? [];
      // The end of its node takes the job, too.
      if (causes.length > 0 && causes.every((cause) => cause === 'node')) return byMlx;
      const lost = causes.includes('node') ? `; after a failed node ${byMlx}` : '';
      if (resources.time === undefined) return `in the same job${lost}`;
      const later = engine.restart && asksToStartAgain(resources) ? `${engine.title} starts it again` : byMlx;
      return `in the same job if it has more time left than the attempt took, else ${later}${lost}`;
    }
  }
}

/** Returns what the runs wait for. */
function waitingRows(waiting: Waiting | undefined): string[][] {
  if (!waiting) return [];
  const after = dependencyText(waiting.after);
  return [...(after === '' ? [] : [after]), ...(waiting.chain ? ['each for the one before it to end'] : [])].map(
    (text) => ['wait for', text],
  );
}

const rounded = (hours: number) => (hours < 10 ? hours.toFixed(1) : String(Math.round(hours)));
