import { useEffect, useState } from 'preact/hooks';
import { shortNumber } from '../../core/number-text.js';
import { plural } from '../../core/words.js';
import { shortNames, wholeName } from '../../plots/page.js';
import { isStep } from '../../results/page.js';
import type { ColumnsAnswer, CurvesAnswer, CurvesQuestion } from '../wire.js';
import { ask, askWith, isProblem } from './ask.js';
import { Chart } from './chart.js';
import { oneLine } from './format.js';
import { useAnswer } from './use-answer.js';

const chartHeight = 320;
const smallHeight = 180;
/** The most characters of a name in the legend. */
const nameWidth = 60;
const smallName = 40;
const between = ' · ';

/**
 * Curves of a metric, per run or per group of runs. With `metric`, a small plot of that metric without
 * choices.
 */
export function CurvesView({
  ids,
  version,
  colours,
  metric,
}: {
  ids: readonly number[];
  version: unknown;
  colours: readonly string[];
  metric?: string;
}) {
  // Without choices, no column names are needed.
  const { answer: known } = useAnswer(
    async (signal) => (metric === undefined ? ask<ColumnsAnswer>('columns', signal) : undefined),
    [],
  );
  const [chosen, setChosen] = useState<string>();
  const [groupBy, setGroupBy] = useState('');
  const [band, setBand] = useState<CurvesQuestion['band']>(null);
  const [logY, setLogY] = useState(false);
  const [x, setX] = useState('');
  const [attempts, setAttempts] = useState<CurvesQuestion['attempts']>('path');
  const metrics = (known?.metrics ?? []).filter((name) => !isStep(name));
  const shown = metric ?? chosen ?? metrics[0];
  const question: CurvesQuestion | undefined =
    shown === undefined
      ? undefined
      : {
          metric: shown,
          runs: ids,
          x: x === '' ? null : x,
          groupBy: groupBy === '' ? [] : groupBy.split(','),
          band: groupBy === '' ? null : band,
          logY,
          attempts,
        };
  const [answer, setAnswer] = useState<CurvesAnswer>();
  useEffect(() => {
    if (!question || ids.length === 0) return;
    let over = false;
    askWith<CurvesAnswer>('curves', question).then(
      (value) => over || setAnswer(value),
      (error: Error) => over || setAnswer({ problem: error.message }),
    );
    return () => {
      over = true;
    };
  }, [JSON.stringify(question), version]);
  if (ids.length === 0) return <p class="none">no run is shown</p>;
  if (known && shown === undefined) return <p class="none">no run has logged anything</p>;
  return (
    <section class={metric === undefined ? 'curves' : 'curves small'}>
      {metric === undefined ? (
        <>
          <h2>curves of {plural(ids.length, 'run')}</h2>
          <div class="choices">
            <label>
              metric{' '}
              <select value={shown} onChange={(event) => setChosen(event.currentTarget.value)}>
                {metrics.map((name) => (
                  <option key={name} value={name}>
                    {oneLine(name)}
                  </option>
                ))}
              </select>
            </label>
            <label>
              mean over{' '}
              <select value={groupBy} onChange={(event) => setGroupBy(event.currentTarget.value)}>
                <option value="">each run by itself</option>
                {(known?.swept ?? []).map((name) => (
                  <option key={name} value={name}>
                    runs with the same {oneLine(name)}
                  </option>
                ))}
              </select>
            </label>
            {groupBy !== '' && (
              <label>
                band{' '}
                <select
                  value={band ?? ''}
                  onChange={(event) => setBand((event.currentTarget.value || null) as CurvesQuestion['band'])}
                >
                  <option value="">none</option>
                  <option value="std">± std</option>
                  <option value="sem">± sem</option>
                  <option value="minmax">min to max</option>
                </select>
              </label>
            )}
            <label>
              attempts{' '}
              <select
                value={attempts}
                onChange={(event) => setAttempts(event.currentTarget.value as CurvesQuestion['attempts'])}
              >
                <option value="path">on the way to the last</option>
                <option value="last">the last alone</option>
                <option value="all">each by itself</option>
              </select>
            </label>
            <label>
              along{' '}
              <input
                size={8}
                placeholder={answer && !isProblem(answer) ? answer.x : ''}
                value={x}
                onChange={(event) => setX(event.currentTarget.value.trim())}
              />
            </label>
            <label>
              <input type="checkbox" checked={logY} onChange={() => setLogY(!logY)} /> logarithmic
            </label>
          </div>
        </>
      ) : (
        <h3>{oneLine(metric)}</h3>
      )}
      {answer &&
        (isProblem(answer) ? (
          <pre class="problem">{answer.problem}</pre>
        ) : (
          <Curves answer={answer} logY={logY} colours={colours} isSmall={metric !== undefined} />
        ))}
    </section>
  );
}

function Curves({
  answer,
  logY,
  colours,
  isSmall,
}: {
  answer: Exclude<CurvesAnswer, { problem: string }>;
  logY: boolean;
  colours: readonly string[];
  isSmall: boolean;
}) {
  const [isWhole, setWhole] = useState(false);
  const { curves, gaps, lacking, more, x, range, leaving, lowest, highest, earlier } = answer;
  const whole = curves.map(({ name }) => ({ ...name, pairs: name.pairs.map(oneLine) }));
  const names = shortNames(whole, { width: isSmall ? smallName : nameWidth, between, widthOf: (text) => text.length });
  const beyond = [
    lowest === null ? '' : `down to ${shortNumber(lowest)}`,
    highest === null ? '' : `up to ${shortNumber(highest)}`,
  ].filter((part) => part !== '');
  const leave =
    curves.length === 1
      ? 'the curve leaves'
      : `${leaving} of ${curves.length} curves ${leaving === 1 ? 'leaves' : 'leave'}`;
  const notes = [
    more > 0 ? `${plural(more, 'further curve')} left out: keep fewer runs, or take means` : '',
    ...earlierNotes(earlier),
    lacking > 0 ? `${plural(lacking, 'run')} without it` : '',
    gaps > 0 ? `${plural(gaps, 'value')} that can't be drawn: NaN, infinite${logY ? ', or not above 0' : ''}` : '',
  ].filter((note) => note !== '');
  return (
    <>
      {leaving > 0 && (
        <p class="dim">
          {isWhole ? 'all values are shown' : `${leave} the picture (${beyond.join(', ')})`}{' '}
          <button type="button" onClick={() => setWhole(!isWhole)}>
            {isWhole ? 'cut it off again' : 'show all'}
          </button>
        </p>
      )}
      <Chart
        curves={curves}
        names={names}
        titles={whole.map((name) => wholeName(name, between))}
        range={isWhole ? undefined : (range ?? undefined)}
        colours={colours}
        x={x}
        logY={logY}
        height={isSmall ? smallHeight : chartHeight}
      />
      {notes.map((note) => (
        <p class="dim" key={note}>
          {note}
        </p>
      ))}
    </>
  );
}

/** Names a few runs, or their number if they are many. */
function earlierNotes(earlier: readonly { readonly run: number; readonly attempt: number }[]): string[] {
  if (earlier.length === 0) return [];
  const which =
    earlier.length > 3
      ? plural(earlier.length, 'run')
      : earlier.map(({ run, attempt }) => `run ${run} (attempt ${attempt})`).join(', ');
  return [`of an earlier attempt, since the last one has not logged it: ${which}`];
}
