import { expect, test } from 'vitest';
import {
  noResources,
  type ResourceName,
  readResources,
  resourceNames,
  resourceOption,
  resourceTable,
} from '../../src/resources/index.js';

const named = (choose: (name: ResourceName) => boolean) => resourceNames.filter(choose).map(resourceOption);

test('runs on this machine, runs in the queue and mlx resubmit each understand their options', () => {
  expect(named((name) => resourceTable[name].besides.some((one) => one === 'here'))).toEqual([
    'time',
    'cpus',
    'mem',
    'continue-on-timeout',
    'retries',
    'retry-on',
    'signal',
    'signal-to',
  ]);
  expect(named((name) => resourceTable[name].besides.some((one) => one === 'queue'))).toEqual([
    'time',
    'cpus',
    'gpus',
    'mem',
    'name',
    'continue-on-timeout',
    'retries',
    'retry-on',
    'signal',
    'signal-to',
  ]);
  expect(named((name) => resourceTable[name].resubmit === 'multiple')).toEqual(['time', 'mem']);
  expect(named((name) => resourceTable[name].resubmit === 'never')).toEqual(['name']);
});

test('a later layer wins over an earlier one, in the spelling of the settings and of options', () => {
  expect(
    readResources([
      { mem: '1G', signal_to: 'group' },
      { 'signal-to': 'program', option_cmd: ['-x'] },
    ]),
  ).toEqual({
    ...noResources,
    mem: 2 ** 30,
    signalTo: 'program',
  });
});
