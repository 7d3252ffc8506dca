import { copyFileSync, linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { writeFileAtomic } from '../core/atomic-file.js';
import { errnoCode } from '../core/errno.js';
import { fail, MlxError } from '../failures/index.js';
import { type InfoSpec, renderInfo } from './info.js';
import { formatJob, type JobRecord, writeJob } from './job-record.js';
import { formatOverrides } from './overrides-file.js';
import { runPaths } from './paths.js';

/** The contents of a new run directory. */
export interface RunContents {
  readonly job: JobRecord;
  readonly info: InfoSpec;
  /** The point in source spelling. */
  readonly overrides: readonly string[];
  /** `config.yaml` and `mlx.yaml`, as text. */
  readonly config: string;
  readonly settings: string;
  readonly script: string;
  /** A file that is to be in the metadata as `uncommitted.patch`. */
  readonly patch: string | undefined;
}

/**
 * Fills a directory that was just claimed: `job.yaml` first, so that a launch that dies here can be resumed, `info.yaml`
 * renamed into place last. A directory without it is never taken for whole, so the files before it need no rename of
 * their own. Throws `record-not-written`.
 */
export function createRun(run: string, contents: RunContents): void {
  reportingFailure(run, () => {
    mkdirSync(runPaths.metadata(run));
    writeFileSync(runPaths.job(run), formatJob(contents.job));
    for (const directory of [runPaths.attempts(run), runPaths.metrics(run), runPaths.artifacts(run)])
      mkdirSync(directory);
    for (const { path, text, mode } of describedFiles(run, contents)) writeFileSync(path, text, { mode });
    placePatch(run, contents);
    writeFileAtomic(runPaths.info(run), renderInfo(contents.info));
  });
}

/**
 * Lays a new launch over a run that may exist (`forced_log_id`): what it left stays, its description is replaced, file by
 * file, and `job.yaml` last: until then the run is the old launch's, and is not started by the new one's script, nor the other
 * way round. Throws `record-not-written`.
 */
export function continueRun(run: string, contents: RunContents): void {
  reportingFailure(run, () => {
    for (const directory of [runPaths.attempts(run), runPaths.metrics(run), runPaths.artifacts(run)]) {
      mkdirSync(directory, { recursive: true });
    }
    for (const { path, text, mode } of describedFiles(run, contents)) writeFileAtomic(path, text, { mode });
    rmSync(runPaths.patch(run), { force: true });
    placePatch(run, contents);
    writeFileAtomic(runPaths.info(run), renderInfo(contents.info));
    writeJob(run, contents.job);
  });
}

function describedFiles(run: string, contents: RunContents): { path: string; text: string; mode: number }[] {
  return [
    { path: runPaths.config(run), text: contents.config, mode: 0o666 },
    { path: runPaths.settings(run), text: contents.settings, mode: 0o666 },
    { path: runPaths.overrides(run), text: formatOverrides(contents.job.point, contents.overrides), mode: 0o666 },
    { path: runPaths.script(run), text: contents.script, mode: 0o777 },
  ];
}

/** One file for all runs of a launch, where the file system lets a file have several names. */
function placePatch(run: string, { patch }: RunContents): void {
  if (patch === undefined) return;
  try {
    linkSync(patch, runPaths.patch(run));
  } catch {
    copyFileSync(patch, runPaths.patch(run));
  }
}

function reportingFailure(run: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    if (error instanceof MlxError) throw error;
    fail({ reason: 'record-not-written', path: run, code: errnoCode(error) ?? String(error) });
  }
}
