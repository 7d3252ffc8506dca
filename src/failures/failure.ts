import type { Span } from '../core/span.js';

/** What may be wrong with the config of a program, or with an override of it. */
export type ConfigFailure =
  | { readonly reason: 'config-not-found'; readonly name: string; readonly looked: readonly string[] }
  | { readonly reason: 'unreadable-file'; readonly path: string; readonly code: string }
  | { readonly reason: 'yaml-syntax'; readonly span: Span; readonly problem: string }
  | { readonly reason: 'yaml-not-mapping'; readonly path: string }
  | { readonly reason: 'bad-config'; readonly span: Span; readonly problem: string }
  | { readonly reason: 'bad-search-path'; readonly span: Span; readonly problem: string }
  | { readonly reason: 'bad-defaults'; readonly span: Span; readonly problem: string }
  | {
      readonly reason: 'no-such-option';
      readonly group: string;
      readonly option: string;
      /** Undefined where there is no such group. */
      readonly options: readonly string[] | undefined;
      readonly near: string | undefined;
      readonly span: Span;
      readonly looked: readonly string[];
    }
  | {
      readonly reason: 'option-required';
      readonly group: string;
      readonly options: readonly string[];
      readonly span: Span;
    }
  | {
      readonly reason: 'group-not-chosen';
      readonly group: string;
      readonly deleted: boolean;
      /** The option that it has, where another is to be deleted. */
      readonly option: string | null | undefined;
      /** The same group in other packages. */
      readonly others: readonly string[];
      readonly span: Span;
      readonly override: string | undefined;
    }
  | { readonly reason: 'group-twice'; readonly group: string; readonly option: string; readonly span: Span }
  | { readonly reason: 'config-cycle'; readonly path: readonly string[]; readonly span: Span }
  | { readonly reason: 'kinds-differ'; readonly key: string; readonly span: Span }
  | { readonly reason: 'bad-group-override'; readonly span: Span; readonly problem: string }
  | { readonly reason: 'bad-interpolation'; readonly span: Span; readonly expected: string }
  | {
      readonly reason: 'override-unresolvable';
      readonly span: Span;
      readonly text: string;
      readonly problem: string;
      readonly near: string | undefined;
    }
  | { readonly reason: 'config-too-large'; readonly what: string }
  | {
      readonly reason: 'unresolvable';
      /** The value that holds the interpolation, and the interpolation. */
      readonly key: string;
      readonly text: string;
      readonly problem: string;
      readonly near: string | undefined;
      /** Whether it may still come to be resolved where the run is. */
      readonly later: boolean;
    }
  | {
      readonly reason: 'unknown-key';
      readonly key: string;
      readonly span: Span;
      readonly near: string | undefined;
      readonly config: string;
    }
  | {
      readonly reason: 'no-hydra-key';
      readonly key: string;
      readonly near: string | undefined;
      readonly span: Span;
    }
  | { readonly reason: 'no-such-key'; readonly key: string; readonly near: string | undefined }
  | { readonly reason: 'key-exists'; readonly key: string; readonly span: Span; readonly config: string }
  | { readonly reason: 'not-a-container'; readonly key: string; readonly parent: string; readonly span: Span }
  | {
      readonly reason: 'value-differs';
      readonly key: string;
      readonly span: Span;
      readonly found: string;
      readonly config: string;
    }
  | {
      readonly reason: 'nothing-to-delete';
      readonly key: string;
      readonly span: Span;
      readonly config: string;
      /** Whether the key is there, and null. */
      readonly isNull: boolean;
      readonly near: string | undefined;
    }
  | { readonly reason: 'group-unknown'; readonly group: string; readonly span: Span };

/** What can go wrong with the code of a launch. */
export type VersionFailure =
  | { readonly reason: 'no-git'; readonly found: string | undefined; readonly oldest: string }
  | { readonly reason: 'no-repository'; readonly directory: string; readonly bare: boolean }
  | { readonly reason: 'no-commit'; readonly repository: string }
  | { readonly reason: 'repository-untrusted'; readonly repository: string }
  | { readonly reason: 'repository-busy'; readonly repository: string; readonly operation: string }
  | { readonly reason: 'index-locked'; readonly path: string; readonly since: Date }
  | { readonly reason: 'git-failed'; readonly command: string; readonly words: string }
  | {
      readonly reason: 'code-undecided';
      readonly kind: 'untracked' | 'uncommitted';
      readonly paths: readonly string[];
    }
  | { readonly reason: 'detached-head'; readonly repository: string; readonly commit: string }
  | { readonly reason: 'commit-failed'; readonly words: string }
  | { readonly reason: 'tree-changing'; readonly paths: readonly string[] }
  | { readonly reason: 'submodule-modified'; readonly path: string }
  | { readonly reason: 'submodule-missing'; readonly path: string; readonly commit: string }
  | { readonly reason: 'copy-failed'; readonly path: string; readonly problem: string }
  | { readonly reason: 'commit-gone'; readonly commit: string; readonly repository: string }
  | { readonly reason: 'not-in-commit'; readonly path: string; readonly commit: string }
  | {
      readonly reason: 'bad-link';
      readonly path: string;
      readonly problem: 'outside' | 'missing' | 'taken' | 'failed';
      readonly repository: string;
    }
  | { readonly reason: 'needs-versioned'; readonly option: string }
  | { readonly reason: 'script-leaves-copy'; readonly span: Span }
  | { readonly reason: 'version-unknown'; readonly id: number; readonly why: 'no-repository' | 'changed' };

/**
 * Everything that can go wrong in a way that a user can mend, as data without words: a closed union on `reason`.
 * The words, and the exit code of each, are in one place: `cli/render-failure.ts`.
 */
export type Failure =
  // The command line
  | { readonly reason: 'unknown-command'; readonly word: string; readonly near: string | undefined }
  | { readonly reason: 'unknown-topic'; readonly word: string; readonly near: string | undefined }
  | {
      readonly reason: 'unknown-option';
      readonly option: string;
      readonly command: string;
      readonly near: string | undefined;
    }
  | { readonly reason: 'option-needs-value'; readonly option: string; readonly shape: string }
  | { readonly reason: 'option-takes-no-value'; readonly option: string; readonly value: string }
  | {
      readonly reason: 'bad-option-value';
      readonly option: string;
      readonly value: string;
      readonly expected: string;
      readonly near: string | undefined;
    }
  | { readonly reason: 'options-exclude'; readonly options: readonly string[] }
  | { readonly reason: 'needs-answer'; readonly question: string; readonly flag: string | undefined }
  | { readonly reason: 'missing-argument'; readonly argument: string; readonly command: string }
  | { readonly reason: 'selection-missing'; readonly command: string; readonly count: number }
  | { readonly reason: 'unexpected-argument'; readonly argument: string; readonly command: string }
  | { readonly reason: 'submit-here' }
  | { readonly reason: 'gpus-missing'; readonly wanted: number; readonly visible: readonly string[] }
  | {
      readonly reason: 'cpus-missing';
      readonly each: number;
      readonly parallel: number;
      readonly available: number;
    }
  | { readonly reason: 'bad-tasks'; readonly text: string; readonly problem: string }
  /** A run that can't be waited for: a job of another engine or none, one that was not submitted, one that is lost. */
  | {
      readonly reason: 'dependency-unusable';
      readonly id: number;
      readonly why: 'elsewhere' | 'unsubmitted' | 'lost';
      /** The engine that it is of. */
      readonly where: string;
      readonly engine: string;
    }
  | { readonly reason: 'dependencies-unsupported'; readonly engine: string }
  | { readonly reason: 'unreadable-argument'; readonly position: number; readonly problem: 'not-utf8' | 'nul' }
  // The program
  | { readonly reason: 'no-program' }
  | { readonly reason: 'bad-step'; readonly text: string; readonly problem: string }
  | { readonly reason: 'steps-and-program'; readonly program: string }
  | { readonly reason: 'program-missing'; readonly path: string; readonly near: string | undefined }
  | { readonly reason: 'program-not-file'; readonly path: string }
  | { readonly reason: 'program-not-executable'; readonly path: string }
  | { readonly reason: 'command-not-found'; readonly word: string; readonly neededBy: string | undefined }
  // Overrides and sweeps
  | {
      readonly reason: 'override-syntax';
      readonly span: Span;
      readonly expected: string;
      readonly hint: string | undefined;
    }
  | {
      readonly reason: 'unknown-function';
      readonly span: Span;
      readonly name: string;
      readonly near: string | undefined;
      readonly known: readonly string[];
    }
  | {
      readonly reason: 'sweep-function';
      readonly span: Span;
      readonly name: string;
      readonly usage: string;
      readonly problem: string;
    }
  | { readonly reason: 'nested-sweep'; readonly span: Span }
  | { readonly reason: 'glob-unexpanded'; readonly span: Span; readonly key: string }
  | { readonly reason: 'bad-interval'; readonly span: Span; readonly problem: string }
  | { readonly reason: 'interval-unsampled'; readonly span: Span }
  | { readonly reason: 'sample-exhausted'; readonly wanted: number; readonly found: number }
  | { readonly reason: 'no-such-point'; readonly point: number; readonly count: number }
  | {
      readonly reason: 'zip-key';
      readonly key: string;
      /** Whether the key is in another zip, or there twice. */
      readonly used: boolean;
      readonly swept: readonly string[];
    }
  | { readonly reason: 'zip-lengths'; readonly counts: readonly { readonly key: string; readonly count: number }[] }
  | { readonly reason: 'key-in-points'; readonly key: string; readonly span: Span }
  | { readonly reason: 'empty-sweep'; readonly span: Span | undefined; readonly of: number | undefined }
  | {
      readonly reason: 'bad-sweep-file';
      readonly span: Span;
      readonly problem: string;
      readonly near: string | undefined;
    }
  | { readonly reason: 'bad-points-file'; readonly path: string; readonly line: number; readonly problem: string }
  | {
      readonly reason: 'unknown-group';
      readonly group: string;
      readonly span: Span;
      readonly looked: readonly string[];
    }
  | {
      readonly reason: 'unknown-name';
      readonly name: string;
      readonly span: Span;
      readonly near: string | undefined;
      readonly unresolved: boolean;
    }
  | { readonly reason: 'sweep-not-allowed'; readonly span: Span; readonly where: string }
  | { readonly reason: 'too-many-runs'; readonly count: string | undefined; readonly limit: number }
  | { readonly reason: 'swept-key-unused'; readonly key: string; readonly span: Span }
  | { readonly reason: 'override-not-expressible'; readonly span: Span; readonly style: string }
  // Batch scripts
  | { readonly reason: 'script-unreadable'; readonly name: string; readonly problem: string }
  | { readonly reason: 'shell-syntax'; readonly span: Span; readonly problem: string }
  | { readonly reason: 'bad-directive'; readonly span: Span; readonly engine: string; readonly problem: string }
  | { readonly reason: 'no-directives'; readonly name: string; readonly detected: readonly string[] }
  | {
      readonly reason: 'sweep-inside';
      readonly span: Span;
      readonly inside: 'loop' | 'condition' | 'function' | 'subshell' | 'group' | 'substitution' | 'background';
      /** Whether it is there for starting what a swept command of the script starts. */
      readonly alike: boolean;
    }
  | { readonly reason: 'sweeps-together'; readonly span: Span }
  | {
      readonly reason: 'word-expands';
      readonly span: Span;
      readonly by: 'braces' | 'glob';
      readonly into: string | undefined;
    }
  | { readonly reason: 'sweep-in-environment'; readonly span: Span; readonly variable: string; readonly value: string }
  | { readonly reason: 'nothing-swept'; readonly name: string; readonly candidates: readonly Span[] }
  // The config
  | ConfigFailure
  | {
      readonly reason: 'points-failed';
      readonly points: number;
      readonly failed: number;
      /** One for each thing that is wrong: at how many points, and one of them. */
      readonly groups: readonly { readonly failure: Failure; readonly count: number; readonly example: string }[];
    }
  // Settings
  | { readonly reason: 'unknown-setting'; readonly key: string; readonly span: Span; readonly near: string | undefined }
  | { readonly reason: 'bad-setting'; readonly key: string; readonly span: Span; readonly expected: string }
  | { readonly reason: 'unsupported-setting'; readonly key: string; readonly instead: string }
  // The version manager
  | VersionFailure
  // Engines
  | { readonly reason: 'unknown-engine'; readonly name: string; readonly near: string | undefined }
  | { readonly reason: 'engine-missing'; readonly engine: string; readonly command: string }
  | {
      readonly reason: 'no-engine';
      readonly detected: readonly string[];
      readonly looked: readonly string[];
      /** The file that would name one. */
      readonly file: string;
    }
  | { readonly reason: 'bad-engine-module'; readonly path: string; readonly problem: string }
  | { readonly reason: 'needs-engine'; readonly option: string }
  | { readonly reason: 'needs-time'; readonly option: string }
  | {
      readonly reason: 'resource-unsupported';
      readonly engine: string;
      readonly resource: string;
      readonly why: string;
    }
  | { readonly reason: 'bad-resource'; readonly resource: string; readonly value: string; readonly expected: string }
  | {
      readonly reason: 'unknown-profile';
      readonly name: string;
      readonly near: string | undefined;
      readonly known: readonly string[];
    }
  | { readonly reason: 'native-option-reserved'; readonly option: string; readonly engine: string }
  | { readonly reason: 'options-contradict'; readonly option: string; readonly resource: string }
  | { readonly reason: 'bad-native-option'; readonly option: string }
  | { readonly reason: 'request-impossible'; readonly engine: string; readonly problem: string }
  | {
      readonly reason: 'submission-failed';
      readonly engine: string;
      readonly words: string;
      readonly launch: string;
      readonly submitted: number;
      readonly total: number;
      /** Whether another try may succeed. */
      readonly passing: boolean;
    }
  | { readonly reason: 'engine-trouble'; readonly engine: string; readonly words: string }
  | { readonly reason: 'no-queues'; readonly engine: string }
  // Job templates
  | {
      readonly reason: 'template-field';
      readonly span: Span;
      readonly field: string;
      readonly problem: string;
      readonly near: string | undefined;
    }
  | { readonly reason: 'missing-count'; readonly count: string; readonly mode: string }
  | {
      readonly reason: 'unknown-word';
      /** What it should have been: `mode`. */
      readonly what: string;
      readonly word: string;
      readonly known: readonly string[];
      readonly near: string | undefined;
    }
  | {
      readonly reason: 'count-of-other-mode';
      readonly count: string;
      readonly mode: string;
      readonly known: readonly string[];
    }
  | { readonly reason: 'log-unusable'; readonly path: string; readonly code: string }
  | { readonly reason: 'log-in-use'; readonly path: string; readonly ids: readonly number[] }
  | { readonly reason: 'submission-template'; readonly span: Span; readonly text: string; readonly problem: string }
  // The store
  | { readonly reason: 'store-unusable'; readonly path: string; readonly code: string }
  | { readonly reason: 'no-store'; readonly path: string }
  | {
      readonly reason: 'no-such-run';
      readonly selection: string;
      readonly store: string;
      readonly last: number;
      readonly deleted: boolean;
    }
  | { readonly reason: 'bad-selection'; readonly selection: string; readonly near: string | undefined }
  | { readonly reason: 'forced-id-many-runs'; readonly id: number; readonly count: number }
  | { readonly reason: 'run-alive'; readonly id: number }
  | { readonly reason: 'in-place-overrides'; readonly id: number; readonly override: string }
  | { readonly reason: 'foreign-run'; readonly id: number }
  | { readonly reason: 'rerun-elsewhere'; readonly id: number }
  | { readonly reason: 'no-such-launch'; readonly launch: string; readonly store: string }
  | {
      readonly reason: 'launch-alive';
      readonly launch: string;
      readonly host: string;
      readonly pid: number;
      /** False where its host can't be seen from this one. */
      readonly seen: boolean;
    }
  | { readonly reason: 'system-error'; readonly path: string | undefined; readonly code: string }
  | { readonly reason: 'incomplete-run'; readonly id: number; readonly path: string }
  | { readonly reason: 'broken-record'; readonly path: string; readonly problem: string }
  | { readonly reason: 'record-not-written'; readonly path: string; readonly code: string }
  // Expressions
  | { readonly reason: 'expression-syntax'; readonly span: Span; readonly expected: string }
  | {
      readonly reason: 'unknown-column';
      readonly span: Span;
      readonly column: string;
      readonly near: readonly string[];
      /** How it is written if a text was meant. */
      readonly quoted: string | undefined;
    }
  | {
      readonly reason: 'unknown-reducer';
      readonly span: Span;
      readonly column: string;
      /** What stands behind `@`. */
      readonly reducer: string;
      readonly near: readonly string[];
    }
  | {
      readonly reason: 'unknown-status';
      readonly span: Span;
      readonly status: string;
      readonly near: readonly string[];
      readonly known: readonly string[];
    };

/** The one error class for failures of the union; anything else that is thrown is a bug. */
export class MlxError extends Error {
  override readonly name = 'MlxError';

  constructor(readonly failure: Failure) {
    super(failure.reason);
  }
}

/** What an action gives; undefined where it fails. */
export function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof MlxError) return undefined;
    throw error;
  }
}

/** Throws the failure; typed `never` so that it can stand where a value is expected. */
export function fail(failure: Failure): never {
  throw new MlxError(failure);
}

/** Marks the end of a switch over a union: a case that was forgotten does not compile. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
