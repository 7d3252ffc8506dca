import camelCase from 'lodash/camelCase.js';
import kebabCase from 'lodash/kebabCase.js';
import omitBy from 'lodash/omitBy.js';
import { type BatchEngine, loadEngine, type ResourceName, unsupported, withoutResources } from '../../engines/index.js';
import { fail } from '../../failures/index.js';
import { type JobPlan, type Plan, profileOf, readResources, type Waiting } from '../../launch/index.js';
import type { RawResources, Settings } from '../../settings/index.js';
import { changeable } from '../commands.js';
import type { ParsedArgs } from '../grammar/command.js';
import { refuseTogether } from '../grammar/parse-args.js';

const resourceOptions = [...changeable, 'name'];

/** Those that processes on this machine understand as well. */
export const hereOptions: readonly string[] = ['time', 'cpus', 'mem', 'signal', 'signal-to', 'continue-on-timeout'];

/** The options by which runs wait for others. */
export const waitOptions: readonly string[] = ['after', 'after-ok', 'after-any', 'after-fail', 'on-dependency-failure'];

/** The options of `mlx run` that make no sense for processes on this machine. */
export const jobOnlyOptions: readonly string[] = [
  ...resourceOptions.filter((name) => !hereOptions.includes(name)),
  'no-requeue',
  'option',
  'export',
  'profile',
  'array',
  'max-running',
  'pack',
  'max-queued',
  'on-submit-error',
  'wait',
  'priority',
  ...waitOptions,
];

/**
 * How the runs become jobs: what the settings, the profile, a script's header and the flags ask for, each over those before. Throws what reading
 * and checking them does, and
 * `unknown-engine` or `bad-engine-module`.
 */
export async function planJobs(
  parsed: ParsedArgs,
  settings: Settings,
  engineName: string,
  header: readonly string[] = [],
): Promise<Omit<JobPlan, keyof Waiting> & { readonly notes: readonly string[] }> {
  refuseTogether(parsed, 'requeue', 'no-requeue');
  refuseTogether(parsed, 'walltime', 'time');
  refuseTogether(parsed, 'max-queued', 'max-running');
  if (parsed.has('fail-fast')) fail({ reason: 'options-exclude', options: ['--fail-fast', '--scheduler'] });
  if (parsed.has('gpus-per-run')) fail({ reason: 'options-exclude', options: ['--gpus-per-run', '--scheduler'] });
  if (parsed.has('stream')) fail({ reason: 'options-exclude', options: ['--stream', '--scheduler'] });
  if (parsed.has('parallel')) fail({ reason: 'options-exclude', options: ['--parallel', '--scheduler'] });
  const { scheduler } = settings;
  const engine = await loadEngine(engineName);
  if (parsed.has('grace')) unsupported(engine.title, 'grace', { kind: 'grace-decided', by: engine.grace });
  const profileName = parsed.text('profile');
  const profile = profileName === undefined ? { resources: {}, options: [] } : profileOf(settings, profileName);
  const flags = flagged(parsed);
  const meanings = resourceMeanings(engine);
  const { options: headed, replaced } = engine.header
    ? withoutResources(
        header,
        engine.header,
        meanings.filter(([name]) => flags[kebabCase(name)] !== undefined),
      )
    : { options: header, replaced: [] };
  // What a script's header says goes before what is set for all.
  const said = meanings.flatMap(([name, meaning]) => (header.some((option) => meaning.test(option)) ? [name] : []));
  const left = (set: RawResources) => omitBy(set, (_, name) => said.includes(camelCase(name) as ResourceName));
  const resources = readResources([left(scheduler.resources), left(profile.resources), flags]);
  const marked = new RegExp(`^${engine.marker.replace(/[$#]/g, '\\$&')}\\s+`);
  // A directive as it stands in a script is what it says.
  const options = [...scheduler.option_cmd, ...profile.options, ...headed, ...parsed.list('option')].map((text) =>
    text.trim().replace(marked, ''),
  );
  const jobs = {
    engineName,
    engine,
    resources,
    options,
    array: (parsed.text('array') ?? scheduler.array) as JobPlan['array'],
    maxRunning: parsed.number('max-running'),
    pack: parsed.number('pack') ?? 1,
    maxQueued: parsed.number('max-queued'),
    onSubmitError: (parsed.text('on-submit-error') ?? scheduler.on_submit_error) as JobPlan['onSubmitError'],
    notes: replaced.map((option) => `options of the command line go before ${engine.marker} ${option}`),
  };
  return jobs;
}

/** The patterns of native options by the resource that they mean. */
function resourceMeanings({ nativeOptions }: BatchEngine): [ResourceName, RegExp][] {
  return Object.entries(nativeOptions).flatMap(([name, meaning]) =>
    name === 'reserved' || name === 'after' || !meaning
      ? []
      : [[name as ResourceName, meaning] satisfies [ResourceName, RegExp]],
  );
}

function flagged(parsed: ParsedArgs): RawResources {
  const given = resourceOptions.flatMap((name) => {
    const value = parsed.text(name);
    return value === undefined ? [] : [[name, value]];
  });
  const seconds = parsed.number('walltime');
  return {
    ...Object.fromEntries(given),
    ...(seconds !== undefined && { time: seconds }),
    ...(parsed.has('no-requeue') && { requeue: false }),
  };
}

/** `--export NAME` adds to the variables that scripts set. */
export function withExported(plan: Plan, parsed: ParsedArgs): Plan {
  const names = parsed.list('export');
  const bad = names.find((name) => !/^[A-Za-z_]\w*$/.test(name));
  if (bad !== undefined) {
    fail({
      reason: 'bad-option-value',
      option: '--export',
      value: bad,
      expected: 'the name of a variable',
      near: undefined,
    });
  }
  const environment = [...new Set([...plan.settings.environment, ...names])];
  return { ...plan, settings: { ...plan.settings, environment } };
}
