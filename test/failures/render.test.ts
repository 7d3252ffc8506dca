import { describe, expect, test } from 'vitest';
import { type Failure, renderFailure } from '../../src/failures/index.js';
import { samples as batchScript } from './samples/batch-script.js';
import { samples as code } from './samples/code.js';
import { samples as commandLine } from './samples/command-line.js';
import { samples as config } from './samples/config.js';
import { samples as configGroups } from './samples/config-groups.js';
import { samples as engines } from './samples/engines.js';
import { samples as interpolation } from './samples/interpolation.js';
import { samples as launch } from './samples/launch.js';
import { samples as program } from './samples/program.js';
import { samples as results } from './samples/results.js';
import type { Samples } from './samples/samples.js';
import { samples as settings } from './samples/settings.js';
import { samples as store } from './samples/store.js';
import { samples as sweep } from './samples/sweep.js';
import { samples as templates } from './samples/templates.js';

/** A reason of any area that has no sample does not compile. */
const all: Samples<Exclude<Failure, { readonly reason: 'points-failed' }>> = {
  ...commandLine,
  ...program,
  ...sweep,
  ...batchScript,
  ...config,
  ...configGroups,
  ...interpolation,
  ...settings,
  ...code,
  ...engines,
  ...templates,
  ...store,
  ...launch,
  ...results,
};

const rows = Object.entries(all).flatMap(([reason, samples]) =>
  samples.map(([data, exitCode, lines]) => ({ failure: { ...data, reason } as Failure, exitCode, lines })),
);

describe('a failure is rendered with its words, its caret and its exit code', () => {
  test.for(rows)('$failure.reason: $lines.0', ({ failure, exitCode, lines }) => {
    expect(renderFailure(failure)).toEqual({ text: `${lines.join('\n')}\n`, exitCode });
  });
});

test('the areas have no reason in common', () => {
  const areas = [commandLine, program, sweep, batchScript, config, configGroups, interpolation, settings, code];
  const reasons = [...areas, engines, templates, store, launch, results].flatMap((area) => Object.keys(area));
  expect(reasons).toHaveLength(Object.keys(all).length);
});

test('the failures of points are told once each, with the number of points and one of them', () => {
  const tooLate: Failure = { reason: 'bad-config', span: spanOf('a: 1'), problem: { kind: 'null-key' } };
  const missing: Failure = { reason: 'no-such-key', key: 'mlx: lr', near: undefined };
  const groups = [
    { failure: missing, count: 1, example: 'lr=1' },
    { failure: tooLate, count: 2, example: 'lr=2' },
  ];
  expect(renderFailure({ reason: 'points-failed', points: 4, failed: 3, groups }).text).toBe(
    [
      "mlx: 3 of 4 points can't be run, so none is",
      '  1 point, such as lr=1:',
      "  the config has no key 'mlx: lr'",
      '  mlx config without --package shows all of it',
      '  2 points, such as lr=2:',
      "  the config 'a.yaml' is not right",
      '    a: 1',
      '    ^ null can be no key of a config',
      '',
    ].join('\n'),
  );
});

const spanOf = (text: string) => ({ source: { name: 'a.yaml', text }, offset: 0, length: 1 });
