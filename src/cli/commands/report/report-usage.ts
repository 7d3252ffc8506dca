import { clockDuration, humanDuration } from '../../../core/clock.js';
import { jsonText } from '../../../core/text.js';
import { memoryText, roughMemory } from '../../../resources/index.js';
import { cpuShare, type RunUsage, type UsageHint, usageHints, usageOf } from '../../../runs/index.js';
import type { CompleteRun } from '../../../store/index.js';
import type { Io } from '../../grammar/command.js';
import { painter, statusStyle } from '../../output/style.js';
import { type Cell, renderTable } from '../../output/table.js';

/**
 * `mlx report --usage`: prints the time, CPUs, memory and GPUs that runs used and had, and what to ask for
 * next time. Resolves to the exit code.
 */
export async function reportUsage(store: string, runs: readonly CompleteRun[], io: Io, json: boolean): Promise<number> {
  const usages = await usageOf(store, runs);
  const hints = usageHints(usages).map(hintText);
  if (json) {
    io.stdout.write(`${jsonText({ runs: usages.map(usageData), hints })}\n`);
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

function hintText(hint: UsageHint): string {
  switch (hint.about) {
    case 'time':
      return `hint: the longest took ${humanDuration(hint.longest)} of ${clockDuration(hint.limit)}: --time ${clockDuration(hint.next)} may start earlier`;
    case 'cpus':
      return `hint: no more than ${percent(hint.share)} of ${hint.cpus} CPUs were busy: --cpus ${hint.next}`;
    case 'memory':
      return `hint: at most ${roughMemory(hint.peak)} of ${roughMemory(hint.memory)} of memory were used: --mem ${memoryText(hint.next)}`;
    case 'gpus': {
      const remedy = hint.gpus > 1 ? ': ask for fewer, or feed them more' : '';
      return `hint: GPUs were busy ${percent(hint.share)} of the time at most${remedy}`;
    }
    case 'out-of-memory': {
      const { runs } = hint;
      const who = runs.length === 1 ? 'one run was' : `${runs.length} runs were`;
      return `hint: ${who} out of memory: mlx resubmit ${runs.slice(0, 5).join(' ')}${runs.length > 5 ? ' …' : ''} --mem x2`;
    }
  }
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
