import { expect, test } from 'vitest';
import { parseTaskIds } from '../../src/cli/launching/task-ids.js';

test.for<[string, number[], number?]>([
  ['3', [1, 2, 3]],
  ['1-3', [1, 2, 3]],
  ['5-5', [5]],
  ['2-9:3', [2, 5, 8]],
  ['1,4,7-9', [1, 4, 7, 8, 9]],
  ['3,1', [3, 1]],
  ['1-4%2', [1, 2, 3, 4], 2],
])('%s names tasks', ([text, ids, atOnce]) => {
  expect(parseTaskIds(text)).toEqual({ ids, atOnce });
});

test.for([
  ['0', 'tasks are counted from 1'],
  ['0-3', 'tasks are counted from 1'],
  ['5-1', "'5-1' ends before it begins"],
  ['5:2', "'5:2' is neither a number nor a range"],
  ['1-5:0', "'1-5:0' goes on by steps of 0"],
  ['', 'it is no list of numbers'],
  ['1,,2', "'' is neither a number nor a range"],
  ['-3', "'-3' is neither a number nor a range"],
  ['1-3%0', 'none could run at once'],
  ['1-3%', 'it is no list of numbers'],
  ['1,1-2', 'a number is there twice'],
  ['1-999999999', 'these are 999999999 tasks'],
  ['1e3', "'1e3' is neither a number nor a range"],
])('%s names none', ([text, problem]) => {
  expect(() => parseTaskIds(text ?? '')).toThrow(
    expect.objectContaining({ failure: { reason: 'bad-tasks', text, problem } }),
  );
});
