import type { Cell, CompareAnswer } from '../wire.js';
import { ask } from './ask.js';
import { cellText, oneLine } from './format.js';
import { useAnswer } from './use-answer.js';

/** The most runs that are compared. */
const mostRuns = 20;

/** The differences between runs, side by side. */
export function CompareView({ ids }: { ids: readonly number[] }) {
  const some = ids.slice(0, mostRuns);
  const words = new URLSearchParams(some.map((id) => ['run', String(id)]));
  const { answer, problem } = useAnswer((signal) => ask<CompareAnswer>(`compare?${words}`, signal), [String(words)]);
  if (problem !== undefined) return <p class="lost">{problem}</p>;
  if (!answer) return null;
  const { runs, config, metrics, code, requirements } = answer;
  if (runs.length < 2) return <p class="none">choose two runs or more</p>;
  return (
    <section class="compare">
      <h2>{runs.length === 2 ? `runs ${runs[0]} and ${runs[1]}` : `${runs.length} runs`}</h2>
      {ids.length > some.length && (
        <p class="dim">
          the first {mostRuns} of {ids.length}
        </p>
      )}
      <table>
        <thead>
          <tr>
            <th />
            {runs.map((id) => (
              <th key={id}>run {id}</th>
            ))}
          </tr>
        </thead>
        <Rows title="config" rows={config} />
        <Rows title="last metrics" rows={metrics} />
      </table>
      {config.length === 0 && <p class="none">their configs are the same</p>}
      {requirements && requirements.from.length + requirements.to.length > 0 && (
        <>
          <h3>installed</h3>
          <pre>
            {requirements.from.map((one) => (
              <span class="minus" key={one}>
                - {one}
                {'\n'}
              </span>
            ))}
            {requirements.to.map((one) => (
              <span class="plus" key={one}>
                + {one}
                {'\n'}
              </span>
            ))}
          </pre>
        </>
      )}
      {code !== null && code !== '' && (
        <>
          <h3>code</h3>
          <pre>
            {code.split('\n').map((line, i) => (
              <span key={i} class={lineClass(line)}>
                {line}
                {'\n'}
              </span>
            ))}
          </pre>
        </>
      )}
    </section>
  );
}

function Rows({ title, rows }: { title: string; rows: readonly { key: string; values: readonly Cell[] }[] }) {
  if (rows.length === 0) return null;
  return (
    <tbody>
      <tr>
        <th class="title" colSpan={100}>
          {title}
        </th>
      </tr>
      {rows.map(({ key, values }) => (
        <tr key={key}>
          <th>{oneLine(key)}</th>
          {values.map((value, i) => (
            <td key={i} class={String(value) === String(values[0]) ? undefined : 'other'}>
              {value === null ? <span class="dim">none</span> : cellText(value)}
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  );
}

const lineClass = (line: string) =>
  /^(diff|index|---|\+\+\+)/.test(line)
    ? 'dim'
    : line.startsWith('+')
      ? 'plus'
      : line.startsWith('-')
        ? 'minus'
        : undefined;
