import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeFileAtomic } from '../core/atomic-file.js';
import { plainJson } from '../expression/index.js';
import type { Status } from '../store/index.js';
import { configValue, formatYamlRecord } from '../values/index.js';
import type { ExportedRun } from './exported-run.js';

/**
 * Writes a run into a file store of MLflow (mlflow.org, Backend Stores): an experiment for each store of mlx, in it a directory for each run
 * with a file for each parameter, tag and metric. Ids follow from the store's place, so that a later export renews what an earlier one wrote.
 */
export function writeMlflow(run: ExportedRun, directory: string): void {
  const store = resolve(dirname(run.directory));
  const experiment = experimentId(store);
  const inside = join(directory, experiment);
  const location = pathToFileURL(resolve(inside)).href;
  const time = run.end ?? run.start;
  const meta = (path: string, fields: Record<string, unknown>) =>
    writeFileAtomic(join(path, 'meta.yaml'), formatYamlRecord(configValue(fields)));
  const id = digest(`${store}\n${run.id}`).slice(0, 32);
  const own = join(inside, id);
  for (const folder of ['params', 'tags', 'metrics']) mkdirSync(join(own, folder), { recursive: true });
  meta(inside, {
    artifact_location: location,
    creation_time: run.start,
    experiment_id: experiment,
    last_update_time: time,
    lifecycle_stage: 'active',
    name: `${basename(dirname(store))}/${basename(store)}`,
  });
  meta(own, {
    // Artifacts stay where they are.
    artifact_uri: pathToFileURL(resolve(run.directory, 'artifacts')).href,
    end_time: run.end ?? null,
    entry_point_name: '',
    experiment_id: experiment,
    lifecycle_stage: 'active',
    run_id: id,
    run_name: run.name,
    run_uuid: id,
    source_name: '',
    source_type: 4,
    source_version: '',
    start_time: run.start,
    status: statusNumbers[run.status],
    tags: [],
    user_id: userInfo().username,
  });
  for (const [key, value] of run.config) {
    const text = typeof value === 'string' ? value : JSON.stringify(plainJson(value));
    writeFileAtomic(join(own, 'params', keyName(key)), text);
  }
  const tags = { 'mlflow.runName': run.name, 'mlx.run': String(run.id), 'mlx.overrides': run.overrides.join(' ') };
  for (const [key, text] of Object.entries(tags)) writeFileAtomic(join(own, 'tags', key), text);
  for (const { log, key, points } of run.series) {
    const lines = points.map(({ step, value }) => `${time} ${numberText(value)} ${step}\n`);
    writeFileAtomic(join(own, 'metrics', keyName(`${log}.${key}`)), lines.join(''));
  }
}

/** Numbers of MLflow's RunStatus: running, scheduled, finished, failed, killed. */
const statusNumbers: Record<Status, number> = {
  STARTING: 1,
  RUNNING: 1,
  QUEUED: 2,
  HELD: 2,
  COMPLETE: 3,
  FAILED: 4,
  TIMEOUT: 4,
  PREEMPTED: 5,
  STOPPED: 5,
  LOST: 4,
};

const digest = (text: string) => createHash('sha256').update(text).digest('hex');

/** Eighteen digits, as MLflow's own. */
const experimentId = (store: string) =>
  String(BigInt(`0x${digest(store).slice(0, 14)}`))
    .padStart(18, '1')
    .slice(-18);

/** As Python's float() reads it. */
const numberText = (value: number) =>
  Number.isFinite(value) ? String(value) : Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';

/** MLflow allows letters, digits, `_ - . space /` in names; a slash would be a directory, as dots at the beginning might. */
const keyName = (key: string) => key.replace(/^\.+|[^\w.\- ]/g, '_');
