import type { ParsedArgs } from '../../../arguments/index.js';
import { displayPath } from '../../../core/paths.js';
import { plural } from '../../../core/words.js';
import { fail } from '../../../failures/index.js';
import {
  type RecordedLaunch,
  readLaunch,
  requireInterrupted,
  resumeHere,
  type Survey,
  surveyHere,
  turnedAwayRuns,
} from '../../../launch/index.js';
import { listInterruptedLaunches, listLaunches } from '../../../store/index.js';
import type { Io } from '../../grammar/command.js';
import { followLaunch } from '../../launching/follow-launch.js';
import { restoreCopyOf } from '../../launching/restore-copy.js';
import { warnOfChanges } from '../../launching/warn-of-changes.js';
import { followChoices } from '../../options/output.js';
import { storeOf } from '../../selecting/store.js';
import { withFailureLimit } from './failure-limit.js';
import type { ResumeOptions } from './spec.js';

/** `mlx resume [LAUNCH]`: finishes an interrupted launch, by default the last one that is not done. */
export async function run({ positionals, options }: ParsedArgs<ResumeOptions>, io: Io): Promise<number> {
  const style = followChoices(options);
  const store = await storeOf(options, io.cwd);
  const [word, extra] = positionals;
  if (extra !== undefined) fail({ reason: 'unexpected-argument', argument: extra, command: 'resume' });
  const unfinished = listInterruptedLaunches(store);
  const named = word === '@last' ? listLaunches(store).at(-1)?.launch : word?.replace(/^@/, '');
  const launch = named ?? unfinished.at(-1);
  if (launch === undefined) {
    io.stderr.write(`every launch in ${displayPath(store, io.cwd)} is done\n`);
    return 0;
  }
  const recorded = await readLaunch(store, launch);
  const force = options.force;
  requireInterrupted(store, launch, force);
  const { target } = recorded;
  if (!options.dryRun) await restoreCopyOf(recorded.plan, io);
  if (target.kind === 'engine') {
    const { resumeSubmission } = await import('./resume-jobs.js');
    return resumeSubmission({ store, launch, recorded: { ...recorded, target }, force }, options, io);
  }
  if (target.kind === 'queue') {
    const { resumeQueued } = await import('../../launching/follow-queueing.js');
    const left =
      turnedAwayRuns(store, launch, recorded).length + surveyHere(store, launch, recorded, force).counts.create;
    const limited = withFailureLimit({ store, launch, recorded: { ...recorded, target }, left }, options);
    return resumeQueued({ store, launch, recorded: limited, force }, options, io);
  }
  const survey = surveyHere(store, launch, recorded, force);
  const parallel = options.parallel ?? target.parallel;
  const total = recorded.plan.count - survey.counts.done - survey.counts.elsewhere;
  const others = unfinished.filter((other) => other !== launch);
  const limited = withFailureLimit({ store, launch, recorded: { ...recorded, target }, left: total }, options);
  const head = surveyText(survey, recorded, others);
  if (total > 0) await warnOfChanges(store, launch, recorded, io);
  if (options.dryRun) {
    const { counts, bad } = survey;
    io.stdout.write(options.json ? `${JSON.stringify({ launch, runs: recorded.plan.count, ...counts, bad })}\n` : head);
    return 0;
  }
  const view = { head, total, parallel };
  const code = await followLaunch(resumeHere(survey, limited, { parallel, force }), view, io, style);
  if (code > 1) return code;
  const after = surveyHere(store, launch, recorded, true);
  return after.counts.done === recorded.plan.count && after.bad === 0 ? 0 : 1;
}

function surveyText({ launch, counts, bad }: Survey, { plan }: RecordedLaunch, others: readonly string[]): string {
  const words: [number, string][] = [
    [counts.done, bad > 0 ? `ended (${bad} not well: mlx rerun starts such a run again)` : 'complete'],
    [counts.follow, 'under way on this machine'],
    [
      counts.elsewhere,
      "under way on another host, which can't be seen from here: left alone (--force takes them for gone)",
    ],
    [counts.start, 'to start or start again'],
    [counts.create + counts.complete, 'to create'],
  ];
  const lines = words
    .filter(([count]) => count > 0)
    .map(([count, text]) => `  ${String(count).padStart(6)}  ${text}\n`);
  const rest =
    others.length === 0
      ? ''
      : `  note    also unfinished: ${others.map((other) => `mlx resume @${other}`).join(', ')}\n`;
  return `launch @${launch}, ${plural(plan.count, 'run')}\n${lines.join('')}${rest}`;
}
