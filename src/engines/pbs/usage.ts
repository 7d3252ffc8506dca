import { type AskedJobs, anyJob } from '../asked-jobs.js';
import type { CommandResult, JobUsage, Query } from '../engine.js';
import { printedBytes, printedSeconds } from '../output.js';
import { commandOf } from '../request.js';
import type { Dialect } from './directives.js';

/** Reads what jobs used and asked for: resources_used and Resource_List of `qstat -f`. */
function readUsage(
  result: CommandResult,
  _: readonly string[],
  jobs: AskedJobs = anyJob,
): Map<string, JobUsage> | undefined {
  const { exitCode, stdout, stderr } = result;
  if (exitCode !== 0 && !/Unknown Job Id/.test(stderr)) return undefined;
  const blocks = stdout
    .replace(/\n\t/g, '')
    .split(/^Job Id: /m)
    .slice(1);
  return new Map(
    blocks.flatMap((block): [string, JobUsage][] => {
      const id = (block.split('\n')[0] ?? '').trim();
      const field = (name: string) => new RegExp(`^ +${name.replace('.', '\\.')} = (.*)$`, 'mi').exec(block)?.[1] ?? '';
      const variables = field('Variable_List');
      const token = /\bMLX_TOKEN=(\w+)/.exec(variables)?.[1] ?? '';
      if (!jobs.isOurs(id, { token: variables === '' ? undefined : token })) return [];
      const usage = {
        seconds: printedSeconds(field('resources_used.walltime')),
        timeLimit: printedSeconds(field('Resource_List.walltime')),
        cpuSeconds: printedSeconds(field('resources_used.cput')),
        cpus: Number(field('Resource_List.ncpus')) || undefined,
        peakMemory: printedBytes(field('resources_used.mem')),
        memory: printedBytes(field('Resource_List.mem')),
        gpus: Number(field('Resource_List.ngpus')) || undefined,
      };
      return [[id, usage]];
    }),
  );
}

/** What jobs used. */
export const pbsUsage = (dialect: Dialect): Query<readonly string[], ReadonlyMap<string, JobUsage>> => ({
  optional: true,
  command: () => (dialect === 'openpbs' ? commandOf('qstat', '-x', '-t', '-f') : commandOf('qstat', '-f', '-t')),
  read: readUsage,
});
