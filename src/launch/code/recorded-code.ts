import { join } from 'node:path';
import * as v from 'valibot';
import { fail } from '../../failures/index.js';
import { type CompleteRun, storePaths } from '../../store/index.js';
import { plainData, readYamlRecord } from '../../values/index.js';
import type { Plan } from '../plan/plan.js';

const codeSchema = v.object({
  repository: v.nullable(v.string()),
  commit: v.nullable(v.string()),
  branch: v.nullish(v.string(), null),
  /** Null if git did not answer in time. */
  modified: v.nullish(v.boolean(), null),
  diff_sha256: v.nullish(v.string(), null),
});

/**
 * Reads the code of a launch without a fixed version; undefined if the launch was killed before it was
 * recorded.
 */
export function recordedCode(store: string, launch: string): v.InferOutput<typeof codeSchema> | undefined {
  const parsed = v.safeParse(codeSchema, recordedData(join(storePaths.launch(store, launch), 'code.yaml')));
  return parsed.success ? parsed.output : undefined;
}

/** Returns the commit of a run's launch. Throws `version-unknown` if the commit was not all of its code. */
export function commitOf(
  store: string,
  run: CompleteRun,
  { plan }: { readonly plan: Plan },
): { readonly repository: string; readonly commit: string; readonly branch: string | null } {
  const { code } = plan;
  if (code) {
    const { copy, dirty, repository, commit, branch } = code.version;
    if (copy === null && dirty) fail({ reason: 'version-unknown', id: run.id, why: 'changed' });
    return { repository, commit, branch };
  }
  const described = recordedCode(store, run.job?.launch ?? '');
  if (!described?.repository || !described.commit)
    return fail({ reason: 'version-unknown', id: run.id, why: 'no-repository' });
  const { repository, commit, branch, modified } = described;
  return modified === false
    ? { repository, commit, branch }
    : fail({ reason: 'version-unknown', id: run.id, why: 'changed' });
}

function recordedData(path: string): unknown {
  try {
    return plainData(readYamlRecord(path));
  } catch {
    // A launch that was killed early has no such file.
    return undefined;
  }
}
