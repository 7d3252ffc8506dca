import { describe, expect, test } from 'vitest';
import type { CommandResult } from '../../src/engines/engine.js';
import { reasonLines, saysTooManyJobs } from '../../src/engines/words.js';

const printed = (stderr: string, stdout = ''): CommandResult => ({
  exitCode: 1,
  stdout,
  stderr,
  timedOut: false,
  missing: false,
});

describe('the lines that say why a submission failed', () => {
  test('are all of stderr, each once, without what the command puts in front', () => {
    const result = printed('x: first\n\nx: second\nx: first\n', 'beside\n');
    expect(reasonLines(result, { prefix: /^x: / })).toEqual(['first', 'second']);
  });

  test('are those of stdout if stderr says nothing', () => {
    expect(reasonLines(printed('noise\n', 'reason\n'), { noise: /^noise$/ })).toEqual(['reason']);
    expect(reasonLines(printed('', ''), {})).toEqual([]);
  });

  test('of a vague kind are left out unless there is no other', () => {
    const vague = /^try --help$/;
    expect(reasonLines(printed('bad option\ntry --help\n'), { vague })).toEqual(['bad option']);
    expect(reasonLines(printed('try --help\n'), { vague })).toEqual(['try --help']);
  });

  test('end before the usage', () => {
    expect(reasonLines(printed('bad option\nusage: x\n  -a\n'), { usage: /^usage/ })).toEqual(['bad option']);
    expect(reasonLines(printed('usage: x\n  -a\n'), { usage: /^usage/ })).toEqual(['usage: x', '-a']);
  });

  test('of a plug-in that prints a page are its beginning and its end', () => {
    const page = Array.from({ length: 100 }, (_, i) => `line ${i + 1}`);
    const lines = reasonLines(printed(page.join('\n')), {});
    expect(lines).toHaveLength(20);
    expect([lines[0], lines.at(-1)]).toEqual(['line 1', 'line 100']);
  });
});

test.for([
  ['job rejected: only 2 jobs are allowed per user (current job count: 2)', true],
  ['You already have 12 running jobs', true],
  ['Error: no more than 5 besteffort jobs at a time', true],
  ['Max is 3 besteffort jobs', true],
  ['too many queued jobs', true],
  ['Maximum number of jobs already in queue', true],
  ['the job limit of your group is reached', true],
  ['quota of jobs used up', true],
  ['the walltime of besteffort jobs is at most 2 h', false],
  ['at most 4 GPUs for each of your jobs', false],
  ['invalid account', false],
  ['only jobs with a project are allowed', false],
] as const)('whether these words turn away because of a number of jobs: %s', ([words, expected]) => {
  expect(saysTooManyJobs(words)).toBe(expected);
});
