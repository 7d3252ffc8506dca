import { fail } from '../../failures/index.js';
import { type Run, readRun } from '../../store/index.js';
import { EngineAsker } from '../../tracking/index.js';
import { runsOf } from '../make/take-over.js';
import type { RecordedLaunch } from '../record/launch-record.js';
import type { EngineTarget } from '../target.js';

/** A run that a launch has made, as its engine says it is now. */
export interface KnownRun {
  readonly id: number;
  readonly run: Run | undefined;
}

/**
 * Returns the runs that a launch has made, by point, as their engine says they are now, or has said to
 * `view`. Throws `engine-trouble` if it does not answer.
 */
export async function knownRuns(
  store: string,
  launch: string,
  recorded: RecordedLaunch<EngineTarget>,
  view = new EngineAsker(store),
): Promise<Map<number, KnownRun>> {
  const known = [...runsOf(store, launch, recorded)].map(([point, id]) => ({ point, id, run: readRun(store, id) }));
  const { engine, engineName } = recorded.target;
  const requireAnswer = () => {
    const trouble = view.troubles.find((one) => one.engine === engineName);
    // A job that the engine says nothing about may be running, and must not be submitted again.
    if (trouble)
      fail({ reason: 'engine-trouble', engine: engine.title, words: trouble.words, again: `mlx resume @${launch}` });
  };
  requireAnswer();
  const complete = known.flatMap(({ run }) => (run?.kind === 'run' ? [run] : []));
  const now = new Map((await view.ask(complete)).map((run) => [run.id, run]));
  requireAnswer();
  return new Map(known.map(({ point, id, run }) => [point, { id, run: now.get(id) ?? run }]));
}
