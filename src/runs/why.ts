import sortBy from 'lodash/sortBy.js';
import { quoteCommand } from '../core/quote.js';
import { isOwnEngine, isReused, loadEngine, readDetails, readQueuePositions, submissionOf } from '../engines/index.js';
import { changesOf, goesOn, type RecordedLaunch, runRequest } from '../launch/index.js';
import {
  type CompleteRun,
  type Dependencies,
  dependencyIds,
  hasStarted,
  jobRefOf,
  type Status,
  wentWrong,
} from '../store/index.js';
import { runsNow } from '../tracking/index.js';
import { badNodes, isOnNode } from './bad-node.js';

/** Why a run has its status: facts by name, and commands to type next. */
interface Explanation {
  readonly facts: readonly (readonly [name: string, text: string])[];
  readonly next: readonly string[];
}

/**
 * Collects the facts that explain why a run waits, failed or is lost. Asks its engine for details. `recorded`
 * is the record of its launch, if it can be read.
 */
export async function explainRun(
  run: CompleteRun,
  store: string,
  recorded: RecordedLaunch | undefined,
): Promise<Explanation> {
  const { job, attempt, engine: answer, jobId } = run;
  const { end } = attempt ?? {};
  const facts: (readonly [string, string])[] = [
    ['status', [run.status.status, run.status.reason].filter(Boolean).join(': ')],
  ];
  if (job?.after) facts.push(...(await awaitedRuns(store, job.after)));
  facts.push(...turnOf(run, recorded));
  if (answer?.stuck) facts.push(['stuck', 'it can never start as things are']);
  if (end) {
    const received = attempt?.received.length ? `, was sent ${attempt.received.join(', ')}` : '';
    facts.push([
      'its program',
      `exit code ${end.exitCode}${end.signal ? `, killed by SIG${end.signal}` : ''}${received}`,
    ]);
  }
  const target = recorded?.target;
  const asked = target?.kind === 'engine' ? { ...target.resources, ...changesOf(job?.changed) } : undefined;
  if (job && !isOwnEngine(job.engine)) {
    const ref = jobId === undefined ? undefined : jobRefOf(run);
    facts.push(['job', ref?.id ?? (wasTurnedAway(run) ? 'not submitted' : 'not known to be submitted')]);
    const line = wasTurnedAway(run) && job.task ? undefined : submitLine(run, store, recorded);
    if (line !== undefined) facts.push(['submitted by', line]);
    if (ref !== undefined && !(answer && isReused(answer))) {
      const engine = await loadEngine(job.engine);
      const words = target?.kind === 'engine' ? [...target.options, ...(target.submit?.words ?? [])] : [];
      const asksMemory = asked?.mem !== undefined || words.some((word) => engine.nativeOptions.mem?.test(word.trim()));
      facts.push(...(await readDetails(engine, ref, asksMemory)));
      const place = run.status.status === 'QUEUED' ? (await readQueuePositions(engine, [ref])).get(ref.id) : undefined;
      if (place) facts.push(['place in the queue', `${place.place} of ${place.of}`]);
    }
  }
  const [bad] = wentWrong(run.status.status) ? await badNodes(store, [run]) : [];
  const suspect = bad && isOnNode(run, bad.node) ? bad : undefined;
  if (suspect) {
    const { failures, allFailures, node } = suspect;
    facts.push(['node', `${failures} of the ${allFailures} failures of its launch are on ${node}`]);
  }
  const next = asked && goesOn(run, asked) ? [`mlx watch ${run.id}`, `mlx resume @${job?.launch}`] : nextSteps(run);
  return { facts, next: suspect?.remedy === undefined ? next : [...next, suspect.remedy] };
}

/** Behind which runs of its launch a run that waits has its turn. */
function turnOf({ job, status }: CompleteRun, recorded: RecordedLaunch | undefined): (readonly [string, string])[] {
  const target = recorded?.target;
  const isWaiting = status.status === 'QUEUED' || status.status === 'HELD';
  if (!isWaiting || !job?.turn || job.turn.behind === '' || target?.kind !== 'engine') return [];
  return [['its turn', `behind runs ${job.turn.behind}: no more than ${target.maxRunning} of its launch run at once`]];
}

/** At most this many awaited runs are listed. */
const shownAwaited = 5;

/** The statuses of the runs that a run waits for; those that are not COMPLETE come first. */
async function awaitedRuns(store: string, after: Dependencies): Promise<(readonly [string, string])[]> {
  const runs = sortBy(await runsNow(store, dependencyIds(after)), ({ status }) => status.status === 'COMPLETE');
  const more = runs.length - shownAwaited;
  return [
    ...runs
      .slice(0, shownAwaited)
      .map(
        ({ id, status }) =>
          ['waits for', [`run ${id} ${status.status}`, status.reason].filter(Boolean).join(': ')] as const,
      ),
    ...(more > 0 ? [['waits for', `${more} more`] as const] : []),
  ];
}

/** The command that submitted the run's job; for a task, the name of its array. Undefined if unknown. */
function submitLine(
  { id, directory, job }: CompleteRun,
  store: string,
  recorded: RecordedLaunch | undefined,
): string | undefined {
  if (recorded?.target.kind !== 'engine' || !job) return undefined;
  if (job.task) return `task ${job.task.index} of array ${job.task.array} of launch @${job.launch}`;
  const { target, plan } = recorded;
  const request = runRequest(target, { id, directory, token: job.token }, plan.settings.scheduler.shell_path, store);
  return quoteCommand(submissionOf(target.engine, { ...request, directory: plan.cwd, umask: job.umask }).argv);
}

const steps: Readonly<Record<Status, (id: number, launch: string) => string[]>> = {
  STARTING: (_, launch) => [`mlx resume @${launch}`],
  QUEUED: (id) => [`mlx watch ${id}`, `mlx stop ${id}`],
  HELD: (id) => [`mlx release ${id}`, `mlx stop ${id}`],
  RUNNING: (id) => [`mlx logs -f ${id}`, `mlx stop ${id}`],
  COMPLETE: (id) => [`mlx show ${id}`],
  FAILED: (id) => [`mlx logs ${id}`, `mlx resubmit ${id}`],
  TIMEOUT: (id) => [`mlx logs ${id}`, `mlx resubmit ${id} --time …`],
  PREEMPTED: (_, launch) => [`mlx resume @${launch}`],
  STOPPED: (id, launch) => [`mlx resume @${launch}`, `mlx rerun ${id}`],
  LOST: (id, launch) => [`mlx resume @${launch}`, `mlx rerun ${id}`],
};

/** Whether the run's job is known not to be in its engine: it was refused, or there was no room for it. */
function wasTurnedAway({ job, attempt, jobId }: CompleteRun): boolean {
  return !!job?.verdict && !isOwnEngine(job.engine) && jobId === undefined && !hasStarted(job, attempt);
}

function nextSteps(run: CompleteRun): string[] {
  const { id, job, status } = run;
  if (status.status === 'QUEUED' && job?.queued) return ['mlx execute', `mlx stop ${id}`];
  // Resubmitting the awaited run also resubmits the runs that failed because of it.
  const [, awaited] = /^dependency (\d+) /.exec(status.reason ?? '') ?? [];
  if (status.status === 'FAILED' && awaited !== undefined) return [`mlx why ${awaited}`, `mlx resubmit ${awaited}`];
  // It ran nothing that could be looked at, and its launch is not done.
  if (wasTurnedAway(run)) return [`mlx resume @${job?.launch}`];
  return steps[status.status](id, job?.launch ?? '');
}
