import { dirname, join, resolve } from 'node:path';
import { packageDirectory } from '../core/package-directory.js';
import type { Span } from '../core/span.js';
import { fail, type ProblemOf } from '../failures/index.js';
import { type JobScript, parseShell } from '../script/index.js';
import { isMapping, scalarText, valueAt } from '../values/index.js';
import { fillTemplate, type TemplateArgs, type TemplateText } from './fill.js';
import { countsOfMode, type JobArgs, type JobCount, type SectionName, sectionOf } from './modes.js';
import type { TemplateConfig } from './template-config.js';

/** The backends of `mlx job`. */
export const jobBackends = ['local', 'pbs', 'sge', 'slurm', 'oar', 'lsf'] as const;
export type JobBackend = (typeof jobBackends)[number];

/** aiaccel's keys for the command that submits a job, the preferred one first. */
const submitKeys: Readonly<Record<Exclude<JobBackend, 'local'> | 'custom', readonly [string, ...string[]]>> = {
  pbs: ['qsub'],
  sge: ['qsub'],
  slurm: ['sbatch', 'qsub'],
  oar: ['oarsub', 'qsub'],
  lsf: ['bsub', 'qsub'],
  custom: ['qsub'],
};

/**
 * Returns the path of the templates: `asked` (`--config`), or MLX_JOB_CONFIG, or AIACCEL_JOB_CONFIG, or
 * `otherwise`. An empty variable counts as unset.
 */
export function jobConfigFile(
  asked: string | undefined,
  otherwise: string,
  env: Readonly<Record<string, string | undefined>>,
): string {
  return asked ?? (env['MLX_JOB_CONFIG'] || env['AIACCEL_JOB_CONFIG'] || otherwise);
}

/** Returns the path of mlx's own templates for a backend. */
export const shippedTemplates = (backend: JobBackend) => join(packageDirectory(), 'configs', 'job', `${backend}.yaml`);

/** A job made from a template, before it has a run. */
export interface TemplateJob {
  readonly section: SectionName;
  readonly script: JobScript;
  /** The command line that submits it, as shell text; undefined on this machine. */
  readonly submit: TemplateText | undefined;
  readonly walltime: string | undefined;
  /** Whether to list directories while waiting, for a file system that caches them. */
  readonly useScandir: boolean;
  readonly counts: Readonly<Partial<Record<JobCount, number>>>;
}

/** Where a template is filled in, beside what the user asked for. */
interface TemplateContext {
  /** `custom` is a user's own dispatcher, which may have a submission command or none. */
  readonly backend: JobBackend | 'custom';
  readonly cwd: string;
  /** The number of workers of an array's element, if neither the user nor the config says it. */
  readonly defaultProcs: number;
}

/**
 * Fills in a template. Throws `bad-job-config`, `template-field`, `missing-count` or `shell-syntax`, with the
 * span in the config file.
 */
export function templateJob(config: TemplateConfig, args: JobArgs, context: TemplateContext): TemplateJob {
  const { backend, cwd } = context;
  const name = sectionOf(args);
  const section = sectionIn(config, name);
  const walltime = args.walltime ?? textAt(config, 'walltime', true);
  const counts = countsOf(config, name, args, context);
  const templateArgs: TemplateArgs = {
    mode: args.mode,
    log_filename: args.logFilename,
    walltime,
    ...Object.fromEntries(countsOfMode[args.mode].map((count) => [count, counts[count]])),
  };
  const fill = (text: TemplateText, command?: readonly string[]) => fillTemplate(text, command, templateArgs, name);
  const job = section('job') ?? refuse(config, name, { kind: 'no-job', section: name });
  const prologue = templateText(config, 'script_prologue') ?? { text: '', span: config.spanOf('script_prologue') };
  const filled = fill(job, args.command);
  checkShell(`script_prologue of ${config.name}`, prologue.text);
  checkShell(`${name}.job of ${config.name}`, filled);
  const log = resolve(cwd, args.logFilename);
  const { n_tasks: tasks, n_tasks_per_proc: tasksPerProc, n_procs: procs } = counts;
  const isArray = name.endsWith('-array') && tasks !== undefined && tasksPerProc !== undefined && procs !== undefined;
  return {
    section: name,
    script: {
      prologue: prologue.text,
      job: filled,
      log,
      stem: log.replace(/\.log$/, ''),
      status: backend !== 'local',
      array: isArray ? { tasks, tasksPerProc, procs, element: undefined } : undefined,
    },
    submit: backend === 'local' ? undefined : submitText(config, backend, section, fill),
    walltime,
    useScandir: valueAt(config.value, 'use_scandir') === true,
    counts,
  };
}

/** Returns the path of the job's script, beside its log. */
export const scriptBeside = ({ stem }: JobScript) => `${stem}.sh`;

/** Returns the directory of a job's log and script. */
export const directoryOfLog = ({ log }: JobScript) => dirname(log);

type Section = (key: string) => TemplateText | undefined;

function sectionIn(config: TemplateConfig, name: SectionName): Section {
  const found = config.value.get(name);
  if (!isMapping(found ?? null)) {
    const known = [...config.value].flatMap(([key, value]) => (isMapping(value) ? scalarText(key) : []));
    refuse(config, found === undefined ? '' : name, { kind: 'no-section', section: name, known });
  }
  return (key) => templateText(config, `${name}.${key}`);
}

function submitText(
  config: TemplateConfig,
  backend: keyof typeof submitKeys,
  section: Section,
  fill: (text: TemplateText) => string,
): TemplateText | undefined {
  const keys = submitKeys[backend];
  const [key] = keys;
  const used = keys.find((one) => config.value.has(one)) ?? key;
  if (backend === 'custom' && !config.value.has(used)) return undefined;
  const command = templateText(config, used) ?? refuse(config, '', { kind: 'no-submit-command', key });
  const more = keys.map((one) => section(`${one}_args`)).find((text) => text !== undefined);
  const parts = [command, ...(more ? [more] : [])].map((part) => fill(part).trim());
  const text = parts.join(' ').replaceAll('\n', ' ');
  return { text, span: more?.span ?? command.span };
}

function countsOf(
  config: TemplateConfig,
  name: SectionName,
  { mode, counts }: JobArgs,
  { backend, defaultProcs }: TemplateContext,
): Partial<Record<JobCount, number>> {
  const given = { ...counts };
  for (const count of countsOfMode[mode]) {
    const value = given[count] ?? countAt(config, `${name}.${count}`);
    if (value !== undefined) given[count] = value;
  }
  if (mode === 'cpu' || mode === 'gpu') {
    given.n_procs ??= defaultProcs;
    // On this machine all workers run in parallel, and share the tasks evenly.
    if (backend === 'local' && given.n_tasks !== undefined)
      given.n_tasks_per_proc = Math.ceil(given.n_tasks / given.n_procs);
  }
  const needed: readonly JobCount[] =
    mode === 'mpi' ? ['n_procs'] : name.endsWith('-array') ? ['n_tasks_per_proc'] : [];
  const missing = needed.find((count) => given[count] === undefined);
  if (missing) fail({ reason: 'missing-count', count: missing, mode: name });
  return given;
}

function countAt(config: TemplateConfig, key: string): number | undefined {
  const value = valueAt(config.value, key);
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'bigint' && value > 0n && value < 1_000_000_000n) return Number(value);
  return refuse(config, key, { kind: 'not-a-count', key });
}

function textAt(config: TemplateConfig, key: string, numbers = false): string | undefined {
  const value = valueAt(config.value, key);
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  if (numbers && (typeof value === 'bigint' || typeof value === 'number')) return scalarText(value);
  return refuse(config, key, { kind: 'not-text', key, isMapping: isMapping(value) });
}

function templateText(config: TemplateConfig, key: string): TemplateText | undefined {
  const text = textAt(config, key);
  return text === undefined ? undefined : { text, span: config.spanOf(key) };
}

const refuse = (config: TemplateConfig, key: string, problem: ProblemOf<'bad-job-config'>): never =>
  fail({ reason: 'bad-job-config', span: key === '' ? startOf(config) : config.spanOf(key), problem });

/** Returns an empty span at the start of the file. */
function startOf(config: TemplateConfig): Span {
  const { source } = config.spanOf('');
  return { source, offset: 0, length: 0 };
}

/** Throws `shell-syntax` for lines that bash could not read, before anything is written. */
function checkShell(name: string, text: string): void {
  if (text !== '') parseShell({ name, text });
}
