import type { Runs } from './use-runs.js';

const order = [
  'RUNNING',
  'STARTING',
  'QUEUED',
  'HELD',
  'COMPLETE',
  'FAILED',
  'TIMEOUT',
  'PREEMPTED',
  'STOPPED',
  'LOST',
];

/** The number of runs with each status; a click shows only those. */
export function StatusChips({
  runs,
  statuses,
  onChoose,
}: {
  runs: Runs;
  statuses: readonly string[];
  onChoose: (statuses: string[]) => void;
}) {
  const counts = new Map<string, number>();
  for (const { status } of runs.byId.values()) counts.set(status, (counts.get(status) ?? 0) + 1);
  // A chosen status without runs stays, so that it can be turned off.
  for (const status of statuses) if (!counts.has(status)) counts.set(status, 0);
  const rank = (status: string) => (order.indexOf(status) + order.length + 1) % (order.length + 1);
  const sorted = [...counts].sort(([a], [b]) => rank(a) - rank(b));
  return (
    <fieldset class="chips">
      <legend>status</legend>
      {sorted.map(([status, count]) => {
        const isOn = statuses.includes(status);
        return (
          <button
            type="button"
            key={status}
            class={`chip ${status.toLowerCase()}`}
            aria-pressed={isOn}
            onClick={() => onChoose(isOn ? statuses.filter((one) => one !== status) : [...statuses, status])}
          >
            {status.toLowerCase()} <b>{count}</b>
          </button>
        );
      })}
    </fieldset>
  );
}
