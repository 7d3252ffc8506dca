import type { ComponentChildren } from 'preact';
import { humanDuration } from '../../core/clock.js';
import { isStep } from '../../results/page.js';
import type { Cell, RunAnswer, RunLine } from '../wire.js';
import { ArtifactsView } from './artifacts-view.js';
import { ask } from './ask.js';
import { CurvesView } from './curves-view.js';
import { cellText, oneLine, timeText } from './format.js';
import { TextView } from './text-view.js';
import { useAnswer } from './use-answer.js';

const tabs = ['overview', 'curves', 'log', 'artifacts'] as const;

/** One run in detail. `stamp` is a new object whenever the run has changed. */
export function RunPanel({
  id,
  stamp,
  tab,
  colours,
  onTab,
}: {
  id: number;
  stamp: RunLine | undefined;
  tab: string;
  colours: readonly string[];
  onTab: (tab: string) => void;
}) {
  const { answer: run, problem } = useAnswer((signal) => ask<RunAnswer>(`run/${id}`, signal), [id, stamp]);
  if (problem !== undefined) return <p class="lost">{problem}</p>;
  if (!run) return null;
  const counts: Readonly<Record<string, string>> = {
    artifacts: `${run.artifacts.length}${run.moreArtifacts ? '+' : ''}`,
    curves: String(run.metrics.length),
  };
  return (
    <section class="run">
      <h2>
        run {run.id} <span class={`status ${run.status.toLowerCase()}`}>{run.status.toLowerCase()}</span>{' '}
        {run.reason !== null && <span class="dim">{oneLine(run.reason)}</span>}
      </h2>
      <p class="point">{run.overrides.map(oneLine).join(' ')}</p>
      <div class="tabs" role="tablist">
        {tabs.map((name) => (
          <button type="button" role="tab" key={name} aria-selected={tab === name} onClick={() => onTab(name)}>
            {name} {counts[name] !== undefined && <span class="dim">{counts[name]}</span>}
          </button>
        ))}
      </div>
      {tab === 'curves' ? (
        <RunCurves run={run} stamp={stamp} colours={colours} />
      ) : tab === 'log' ? (
        <div class="logs">
          <TextView id={run.id} path="log.stdout" title="stdout" follows={run.attempt} />
          <TextView id={run.id} path="log.stderr" title="stderr" follows={run.attempt} />
        </div>
      ) : tab === 'artifacts' ? (
        <ArtifactsView run={run} />
      ) : (
        <Overview run={run} />
      )}
    </section>
  );
}

function RunCurves({ run, stamp, colours }: { run: RunAnswer; stamp: unknown; colours: readonly string[] }) {
  const metrics = run.metrics.filter(({ name }) => !isStep(name));
  if (metrics.length === 0) return <p class="none">nothing was logged</p>;
  return (
    <>
      {metrics.map(({ name }) => (
        <CurvesView key={name} ids={[run.id]} version={stamp} colours={colours} metric={name} />
      ))}
    </>
  );
}

function Overview({ run }: { run: RunAnswer }) {
  const times: [string, string][] = [
    ['started', run.start === null ? '' : timeText(run.start)],
    ['time', run.seconds === null ? '' : humanDuration(run.seconds)],
  ];
  const facts = [['command', run.command] as const, ...times, ['name', run.name ?? ''] as const, ...run.facts];
  return (
    <>
      {run.problems.map((problem) => (
        <p class="lost" key={problem}>
          {oneLine(problem)}
        </p>
      ))}
      {run.error && (
        <Section title="error">
          <p class="lost">
            {oneLine(run.error.text)}
            {run.error.place !== null && <span class="dim"> ({oneLine(run.error.place)})</span>}
          </p>
          <pre class="said">{run.error.lines.map((line) => `${oneLine(line)}\n`)}</pre>
        </Section>
      )}
      <Section title="">
        <table>
          <tbody>
            {facts
              .filter(([, value]) => value !== '')
              .map(([name, value]) => (
                <tr key={name}>
                  <th>{name}</th>
                  <td>{oneLine(value)}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </Section>
      {run.metrics.length > 0 && (
        <Section title="metrics">
          <table class="numbers">
            <thead>
              <tr>
                <th />
                <th>last</th>
                <th>min</th>
                <th>max</th>
                <th>values</th>
              </tr>
            </thead>
            <tbody>
              {run.metrics.map(({ name, last, min, max, count, nan, earlier }) => (
                <tr key={name}>
                  <th>{oneLine(name)}</th>
                  <td>{cellText(last)}</td>
                  <td>{count > 0 ? cellText(min) : ''}</td>
                  <td>{count > 0 ? cellText(max) : ''}</td>
                  <td>
                    {count}
                    {nan > 0 && ` and ${nan} NaN`}
                    {earlier !== null && ` of attempt ${earlier}`}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Section>
      )}
      <Pairs title="config" pairs={run.config} />
      {run.attempts.length > 0 && (
        <Section title="attempts">
          <table>
            <tbody>
              {run.attempts.map(({ number, start, seconds, where, exitCode, notes }) => (
                <tr key={number}>
                  <th>{number}</th>
                  <td>{start === null ? 'no start on record' : timeText(start)}</td>
                  <td>{seconds === null ? '' : humanDuration(seconds)}</td>
                  <td>{exitCode === null ? '' : `exit code ${exitCode}`}</td>
                  <td>{oneLine([where ?? '', ...notes].filter(Boolean).join(', '))}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Section>
      )}
      <Pairs title="info" pairs={run.info} />
    </>
  );
}

function Section({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="section">
      {title !== '' && <h3>{title}</h3>}
      {children}
    </div>
  );
}

function Pairs({ title, pairs }: { title: string; pairs: readonly (readonly [string, Cell])[] }) {
  if (pairs.length === 0) return null;
  return (
    <Section title={title}>
      <table>
        <tbody>
          {pairs.map(([key, value]) => (
            <tr key={key}>
              <th>{oneLine(key)}</th>
              <td>{value === null ? <span class="dim">null</span> : cellText(value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
