import { plural } from '../../../core/words.js';
import type {
  EngineTarget,
  HereTarget,
  JobSurvey,
  QueueSurvey,
  QueueTarget,
  RecordedLaunch,
  Survey,
} from '../../../launch/index.js';

/** What a launch has left to do, to be shown. */
type Shown = { readonly launch: string } & (
  | { readonly kind: 'here'; readonly recorded: RecordedLaunch<HereTarget>; readonly survey: Survey }
  | { readonly kind: 'engine'; readonly recorded: RecordedLaunch<EngineTarget>; readonly survey: JobSurvey }
  | { readonly kind: 'queue'; readonly recorded: RecordedLaunch<QueueTarget>; readonly survey: QueueSurvey }
);

type Line = readonly [count: number, text: string];

/** Returns what a launch has left to do, in a line for each kind; `others` are launches to be named below. */
export function surveyText(shown: Shown, others: readonly string[]): string {
  const { launch, recorded } = shown;
  const lines = linesOf(shown)
    .filter(([count]) => count > 0)
    .map(([count, text]) => `  ${String(count).padStart(6)}  ${text}\n`);
  const names = others.map((other) => `mlx resume @${other}`).join(', ');
  const rest = others.length === 0 ? '' : `  note    also unfinished: ${names}\n`;
  return `launch @${launch}, ${plural(recorded.plan.count, 'run')}${placeOf(shown)}\n${lines.join('')}${rest}`;
}

function placeOf(shown: Shown): string {
  switch (shown.kind) {
    case 'here':
      return '';
    case 'engine':
      return ` as jobs of ${shown.recorded.target.engine.title}`;
    case 'queue':
      return ' in the local queue';
  }
}

function linesOf(shown: Shown): Line[] {
  const { launch } = shown;
  const { bad } = shown.survey;
  const stopped: Line = [shown.survey.counts.stopped, `stopped on purpose: mlx resume @${launch} starts them again`];
  switch (shown.kind) {
    case 'here': {
      const { counts } = shown.survey;
      return [
        [counts.done, bad > 0 ? `ended (${bad} not well: mlx rerun starts such a run again)` : 'complete'],
        [counts.follow, 'under way on this machine'],
        [
          counts.elsewhere,
          "under way on another host, which can't be seen from here: left alone (--force takes them for gone)",
        ],
        stopped,
        [counts.start, 'to start or start again'],
        [counts.create + counts.complete, 'to create'],
      ];
    }
    case 'engine': {
      const { counts } = shown.survey;
      return [
        [counts.done, bad > 0 ? `ended (${bad} not well)` : 'complete'],
        [counts['under-way'], `under way in ${shown.recorded.target.engine.title}`],
        stopped,
        [counts.submit, 'made, and not submitted as far as is known'],
        [counts.again, 'stopped, lost, preempted, to go on after their limit, or to be tried again: to submit again'],
        [counts.create + counts.complete, 'to create'],
      ];
    }
    case 'queue': {
      const { counts } = shown.survey;
      return [
        [counts.done, bad > 0 ? `ended (${bad} not well)` : 'complete'],
        [counts.waiting, 'waiting or running: mlx execute runs what waits'],
        stopped,
        [counts.again, 'stopped, lost, or to go on after their limit: to put into the queue again'],
        [counts.create + counts.complete, 'to create'],
      ];
    }
  }
}
