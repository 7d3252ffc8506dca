/** A use of something that a version of bash brought. */
export interface NewerFeature {
  /** From 1. */
  readonly line: number;
  /** The version, `4.4`. */
  readonly since: string;
  readonly name: string;
}

export function newerThanBash42(text: string): NewerFeature[];
