import type { Span } from '../core/span.js';
import { didYouMean, q, type Words } from './message.js';

/** Failures of the settings of mlx. */
export type SettingsFailure =
  | { readonly reason: 'unknown-setting'; readonly key: string; readonly span: Span; readonly near: string | undefined }
  | { readonly reason: 'bad-setting'; readonly key: string; readonly span: Span; readonly expected: string }
  | { readonly reason: 'unsupported-setting'; readonly key: 'use_logger' };

/** The words of these failures. */
export const settingsWords: Words<SettingsFailure> = {
  'unknown-setting': (failure) => ({
    what: `unknown setting ${q(failure.key)}${didYouMean(failure.near)}`,
    span: failure.span,
    remedy: 'configs/mlx.yaml in the package lists all settings',
  }),
  'bad-setting': (failure) => ({
    what: `the setting ${q(failure.key)} is not right`,
    span: failure.span,
    note: `expected ${failure.expected}`,
  }),
  'unsupported-setting': (failure) => ({
    what: `this version can't do what ${q(failure.key)} asks for`,
    remedy: 'mlx always keeps a directory per run; leave it out',
  }),
};
