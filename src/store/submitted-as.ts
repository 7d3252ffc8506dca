import type { FlatRecord } from '../core/flat-record.js';

/**
 * What an engine was told of a job when it accepted it, beside the token: by it mlx tells the job from a
 * later one that has its id. Engines start counting anew when their state is lost, or after their last
 * number.
 */
export interface SubmittedAs {
  /** The job's name in the engine. */
  readonly name: string;
  /** Who submitted it: a login name. */
  readonly user: string;
  /** When the engine accepted it, in seconds since 1970; undefined if mlx found the job later. */
  readonly at: number | undefined;
}

/** Returns the fields of a record; none if nothing is known. */
export function submittedFields(submitted: SubmittedAs | undefined): Record<string, string | number> {
  if (!submitted) return {};
  const { name, user, at } = submitted;
  return { job_name: name, submitted_by: user, ...(at !== undefined && { submitted_at: Math.floor(at) }) };
}

/** Reads the fields of a record. Undefined in records of versions that did not write them. */
export function readSubmitted(fields: FlatRecord): SubmittedAs | undefined {
  const name = fields.get('job_name');
  const user = fields.get('submitted_by');
  if (name === undefined || user === undefined) return undefined;
  return { name, user, at: fields.has('submitted_at') ? Number(fields.get('submitted_at')) : undefined };
}
