import { availableParallelism } from 'node:os';
import type { ParsedArgs } from '../../../arguments/index.js';
import { nearest } from '../../../core/suggest.js';
import { fail } from '../../../failures/index.js';
import { launchSettings } from '../../../launch/index.js';
import { visibleGpus } from '../../../local/index.js';
import {
  jobBackends,
  jobConfigFile,
  loadTemplateConfig,
  readJobArgs,
  shippedTemplates,
  templateJob,
} from '../../../templates/index.js';
import { formatYamlBlocks } from '../../../values/index.js';
import type { Io } from '../../grammar/command.js';
import { runHere } from './run-here.js';
import type { JobOptions } from './spec.js';
import { submitToEngine } from './submit-to-engine.js';

/**
 * `mlx job BACKEND MODE LOG_FILENAME COMMAND…`: aiaccel-job's command line. Waits for the end of the job.
 * Resolves to the job's exit code.
 */
export async function run({ positionals, rest, options }: ParsedArgs<JobOptions>, io: Io): Promise<number> {
  const [word, ...others] = positionals;
  if (word === undefined) return fail({ reason: 'missing-argument', argument: 'BACKEND', command: 'job' });
  const backend = jobBackends.find((one) => one === word);
  if (!backend)
    return fail({
      reason: 'unknown-word',
      what: 'backend',
      word,
      known: jobBackends,
      near: nearest(word, [...jobBackends]),
    });
  const config = loadTemplateConfig(jobConfigFile(options.config, shippedTemplates(backend), io.env), io);
  if (options.printConfig) {
    io.stdout.write(formatYamlBlocks(config.value));
    return 0;
  }
  const args = readJobArgs({ options, rest }, others, 'job');
  const isLocal = backend === 'local';
  const defaultProcs = !isLocal
    ? 1
    : args.mode === 'gpu'
      ? Math.max(1, visibleGpus(io.env).length)
      : availableParallelism();
  const job = templateJob(config, args, { backend, cwd: io.cwd, defaultProcs });
  const { settings } = await launchSettings(options, io.cwd, []);
  const asked = { args, job, settings };
  return isLocal ? runHere(asked, options, io) : submitToEngine(backend, asked, options, io);
}
