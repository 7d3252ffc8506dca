import type { RunLine } from '../wire.js';
import { oneLine } from './format.js';

const kindsShown = 10;
const runsShown = 8;

/** Each kind of error once, with its runs; nothing if no run failed. */
export function FailureList({
  runs,
  onOpen,
  onSelect,
}: {
  runs: readonly RunLine[];
  onOpen: (run: number) => void;
  onSelect: (runs: ReadonlySet<number>) => void;
}) {
  const byKind = new Map<string, RunLine[]>();
  for (const run of runs) {
    if (run.failure !== null) byKind.set(run.failure, [...(byKind.get(run.failure) ?? []), run]);
  }
  const kinds = [...byKind.values()].sort((a, b) => b.length - a.length);
  const [largest] = kinds;
  if (!largest) return null;
  const others = kinds.length - 1;
  return (
    <details class="failures">
      <summary>
        {kindText(largest)}
        {others > 0 && <span class="dim"> and {others === 1 ? '1 other error' : `${others} other errors`}</span>}
      </summary>
      <ul>
        {kinds.slice(0, kindsShown).map((kind) => (
          <li key={kind[0]?.id}>
            <button type="button" title="select these runs" onClick={() => onSelect(new Set(kind.map(({ id }) => id)))}>
              {kind.length}
            </button>{' '}
            {textOf(kind)}{' '}
            {kind.slice(0, runsShown).map(({ id }) => (
              <button type="button" class="link" key={id} onClick={() => onOpen(id)}>
                {id}
              </button>
            ))}
            {kind.length > runsShown && ' …'}
          </li>
        ))}
        {kinds.length > kindsShown && <li class="dim">… and {kinds.length - kindsShown} more</li>}
      </ul>
    </details>
  );
}

const textOf = ([first]: readonly RunLine[]) => oneLine(first?.reason ?? 'failed');
const kindText = (kind: readonly RunLine[]) => `${kind.length} failed: ${textOf(kind)}`;
