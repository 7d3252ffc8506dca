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
 * Writes a run into a file store of MLflow (mlflow.org, Backend Stores). A store of mlx becomes an
 * experiment, with a directory per run and a file per parameter, tag and metric. Ids are hashes of the
 * store's path and the run's id, so that a later export overwrites an earlier one.
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
    // Artifacts are not copied.
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

/** The numbers of MLflow's RunStatus: 1 running, 2 scheduled, 3 finished, 4 failed, 5 killed. */
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

/** Returns eighteen digits, like MLflow's own ids. */
const experimentId = (store: string) =>
  String(BigInt(`0x${digest(store).slice(0, 14)}`))
    .padStart(18, '1')
    .slice(-18);

/** Returns a number as Python's float() reads it. */
const numberText = (value: number) =>
  Number.isFinite(value) ? String(value) : Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';

/**
 * MLflow allows letters, digits and `_ - . space /` in names. A slash or leading dots would change the path.
 */
const keyName = (key: string) => key.replace(/^\.+|[^\w.\- ]/g, '_');
