import { clockDuration, humanDuration } from '../../../core/clock.js';
import { memoryText, roughMemory } from '../../../engines/index.js';
import { type RunUsage, usageOf } from '../../../runs/index.js';
import type { CompleteRun } from '../../../store/index.js';
import type { Io } from '../../grammar/command.js';
import { painter, statusStyle } from '../../output/style.js';
import { type Cell, renderTable } from '../../output/table.js';

/** `mlx report --usage`: what runs used of the time, CPUs, memory and GPUs that they had, and what to ask for next time. */
export async function reportUsage(store: string, runs: readonly CompleteRun[], io: Io, json: boolean): Promise<number> {
  const usages = await usageOf(store, runs);
  const hints = hintsFor(usages);
  if (json) {
    io.stdout.write(`${JSON.stringify({ runs: usages.map(usageData), hints })}\n`);
    return 0;
  }
  if (usages.length === 0) {
    io.stderr.write('no run matched\n');
    return 0;
  }
  const paint = painter(io.stdout, io.env);
  const columns = columnsOf(usages);
  const rows = usages.map((usage): Cell[] => columns.map(({ cell }) => cell(usage)));
  io.stdout.write(
    renderTable(
      columns.map(({ name }) => name),
      rows,
      paint,
    ),
  );
  for (const hint of hints) io.stdout.write(`${hint}\n`);
  return 0;
}

interface UsageColumn {
  readonly name: string;
  readonly cell: (usage: RunUsage) => Cell;
}

const right = (text: string): Cell => ({ text, align: 'right' });
const bytes = (amount: number | undefined) => (amount === undefined ? '' : roughMemory(amount));
const percent = (share: number | undefined) => (share === undefined ? '' : `${Math.round(share * 100)}%`);

/** What of its CPUs a run kept busy; without a number of them, how many. */
const cpuShare = ({ cpuSeconds, seconds, cpus }: RunUsage) =>
  cpuSeconds === undefined || !seconds || cpus === undefined ? undefined : cpuSeconds / seconds / cpus;
const busyCpus = ({ cpuSeconds, seconds }: RunUsage) =>
  cpuSeconds === undefined || !seconds ? '' : (cpuSeconds / seconds).toFixed(1);
const of = (used: string, had: string) => (had === '' ? used : `${used === '' ? '?' : used} of ${had}`);

function columnsOf(usages: readonly RunUsage[]): UsageColumn[] {
  const hasGpus = usages.some(({ gpus }) => gpus !== undefined);
  return [
    { name: 'run', cell: ({ run }) => right(String(run.id)) },
    {
      name: 'status',
      cell: ({ run: { status } }) => ({ text: status.status.toLowerCase(), style: statusStyle(status.status) }),
    },
    {
      name: 'time',
      cell: ({ seconds, timeLimit }) =>
        right(
          of(
            seconds === undefined ? '' : humanDuration(seconds),
            timeLimit === undefined ? '' : clockDuration(timeLimit),
          ),
        ),
    },
    { name: 'CPUs', cell: (one) => right(of(busyCpus(one), one.cpus === undefined ? '' : String(one.cpus))) },
    { name: 'busy', cell: (one) => right(percent(cpuShare(one))) },
    { name: 'memory', cell: ({ peakMemory, memory }) => right(of(bytes(peakMemory), bytes(memory))) },
    ...(hasGpus
      ? [
          {
            name: 'GPUs',
            cell: ({ gpus, gpuUse }: RunUsage) =>
              right(gpus === undefined ? '' : gpuUse === undefined ? String(gpus) : `${percent(gpuUse)} of ${gpus}`),
          },
        ]
      : []),
  ];
}

/** Below this share of what they had, runs that ended well could have asked for less. */
const wasteful = 0.5;
/** What the next runs may need beyond the most that these did. */
const reserve = 1.25;

/** What to ask for next time, by the runs that used most. */
function hintsFor(usages: readonly RunUsage[]): string[] {
  const ended = usages.filter(({ run }) => run.status.status === 'COMPLETE');
  const failed = usages.filter(({ run }) => /out of memory/.test(run.status.reason ?? ''));
  const most = (value: (usage: RunUsage) => number | undefined, some = ended) =>
    some.reduce<number | undefined>((top, usage) => {
      const one = value(usage);
      return one === undefined ? top : Math.max(top ?? 0, one);
    }, undefined);
  const hints: string[] = [];
  const [time, limit] = [most(({ seconds }) => seconds), most(({ timeLimit }) => timeLimit)];
  if (time !== undefined && limit !== undefined && time < limit * wasteful && limit >= 600) {
    const next = Math.max(60, Math.ceil((time * reserve) / 60) * 60);
    hints.push(
      `hint: the longest took ${humanDuration(time)} of ${clockDuration(limit)}: --time ${clockDuration(next)} may start earlier`,
    );
  }
  const share = most(cpuShare);
  const cpus = most(({ cpus: had }) => had);
  if (share !== undefined && cpus !== undefined && cpus > 1 && share < wasteful) {
    const next = Math.max(1, Math.ceil(cpus * share * reserve));
    hints.push(`hint: no more than ${percent(share)} of ${cpus} CPUs were busy: --cpus ${next}`);
  }
  const [peak, had] = [most(({ peakMemory }) => peakMemory), most(({ memory }) => memory)];
  if (peak !== undefined && had !== undefined && peak < had * wasteful) {
    const next = Math.ceil((peak * reserve) / 2 ** 26) * 2 ** 26;
    if (next < had)
      hints.push(
        `hint: at most ${roughMemory(peak)} of ${roughMemory(had)} of memory were used: --mem ${memoryText(next)}`,
      );
  }
  const gpuUse = most((usage) => usage.gpuUse);
  const gpus = most((usage) => usage.gpus);
  if (gpuUse !== undefined && gpus !== undefined && gpuUse < wasteful) {
    hints.push(
      `hint: GPUs were busy ${percent(gpuUse)} of the time at most${gpus > 1 ? ': ask for fewer, or feed them more' : ''}`,
    );
  }
  if (failed.length > 0) {
    const ids = failed
      .map(({ run }) => run.id)
      .slice(0, 5)
      .join(' ');
    hints.push(
      `hint: ${failed.length === 1 ? 'one run was' : `${failed.length} runs were`} out of memory: mlx resubmit ${ids}${failed.length > 5 ? ' …' : ''} --mem x2`,
    );
  }
  return hints;
}

function usageData({ run, ...usage }: RunUsage): object {
  return {
    run: run.id,
    status: run.status.status,
    seconds: usage.seconds ?? null,
    time_limit: usage.timeLimit ?? null,
    cpu_seconds: usage.cpuSeconds ?? null,
    cpus: usage.cpus ?? null,
    peak_memory: usage.peakMemory ?? null,
    memory: usage.memory ?? null,
    gpus: usage.gpus ?? null,
    gpu_use: usage.gpuUse ?? null,
  };
}
