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
  /** The point's overrides, spelled as in the source. */
  readonly overrides: readonly string[];
  /** `config.yaml` and `mlx.yaml`, as text. */
  readonly config: string;
  readonly settings: string;
  readonly script: string;
  /** The permissions of `script.sh`, which the umask lowers further. */
  readonly scriptMode: number;
  /** A file to link or copy to `metadata/uncommitted.patch`. */
  readonly patch: string | undefined;
}

/**
 * Fills a claimed directory. Writes `job.yaml` first, so that a launch that is killed here can be resumed,
 * and renames `info.yaml` into place last. A directory without `info.yaml` counts as incomplete, so the other
 * files need no rename. Throws `record-not-written`.
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
 * Makes an existing run part of a new launch (`forced_log_id`). Results of the run stay; the files that
 * describe it are replaced one by one, `job.yaml` last. Until then the run belongs to the old launch: each
 * launch's script starts only its own runs. Throws `record-not-written`.
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
    { path: runPaths.script(run), text: contents.script, mode: contents.scriptMode },
  ];
}

/** Links the launch's patch into the run, or copies it if the file system has no hard links. */
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
    fail({ reason: 'record-not-written', path: run, code: errnoCode(error) ?? String(error), again: 'mlx resume' });
  }
}
