import { inGroup } from '../../arguments/index.js';

/** The runs that a launch waits for. */
export const waitingOptions = inGroup('waiting', [
  {
    name: 'after',
    type: 'list',
    shape: 'RUNS',
    help: 'start when these runs have ended well: 12, 3-5,7, @last, a name, or several times (also --after-ok)',
  },
  { name: 'after-ok', type: 'list', shape: 'RUNS', help: 'the same' },
  { name: 'after-any', type: 'list', shape: 'RUNS', help: 'start when these runs have ended, well or badly' },
  { name: 'after-fail', type: 'list', shape: 'RUNS', help: 'start when these runs have ended badly' },
  {
    name: 'on-dependency-failure',
    type: 'text',
    shape: 'WHAT',
    choices: ['fail', 'run'],
    help: 'when a run of --after has failed: fail as well (default), or run all the same',
  },
]);
