import * as v from 'valibot';
import type { QueueQuery } from '../engine.js';
import { countJobs } from '../queues.js';
import { commandOf } from '../request.js';

// oarnodes(1), oarstat(1), -J.

const resources = v.record(v.string(), v.object({ state: v.string(), type: v.optional(v.string(), 'default') }));

const jobs = v.record(
  v.string(),
  v.object({
    state: v.string(),
    queue: v.string(),
    owner: v.string(),
    assigned_resources: v.optional(v.array(v.number()), []),
  }),
);

function parsed<T>(schema: v.GenericSchema<unknown, T>, text: string): T | undefined {
  try {
    // With nothing to tell it prints nothing at all.
    const result = v.safeParse(schema, JSON.parse(text.trim() || '{}'));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}

const waiting = ['Waiting', 'Hold', 'toLaunch', 'toAckReservation'];

/**
 * The queues of OAR that have jobs, and the default one: all share the resources, of which one is a core on
 * most sites.
 */
export const oarQueues: QueueQuery = {
  commands: () => [commandOf('oarnodes', '-J'), commandOf('oarstat', '-J', '-f')],
  read([nodes, stat], user) {
    const found = nodes?.exitCode === 0 ? parsed(resources, nodes.stdout) : undefined;
    const all = stat?.exitCode === 0 ? parsed(jobs, stat.stdout) : undefined;
    if (!found || !all) return undefined;
    const running = Object.values(all).filter(({ state }) => !waiting.includes(state));
    const used = new Set(running.flatMap(({ assigned_resources: ids }) => ids));
    const alive = Object.entries(found).filter(([, { state, type }]) => state === 'Alive' && type === 'default');
    const cpus = { free: alive.filter(([id]) => !used.has(Number(id))).length, total: alive.length };
    const own = countJobs(
      Object.values(all)
        .filter(({ owner }) => owner === user)
        .map(({ queue, state }) => ({ queue, waits: waiting.includes(state) })),
    );
    const names = new Set(['default', ...Object.values(all).map(({ queue }) => queue)]);
    return [...names].map((name) => ({
      name,
      isDefault: name === 'default',
      closed: undefined,
      time: undefined,
      cpus,
      gpus: undefined,
      ...own(name),
    }));
  },
};
