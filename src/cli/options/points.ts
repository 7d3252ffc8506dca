import { inGroup } from '../../arguments/index.js';

/** Which points of a sweep run. */
export const pointsOptions = inGroup('points', [
  {
    name: 'zip',
    type: 'list',
    shape: 'A,B',
    help: 'move these keys together instead of crossing them; may be repeated',
  },
  {
    name: 'where',
    type: 'list',
    shape: 'EXPR',
    help: "keep the points for which it holds: 'model.depth * model.width < 4096'; may be repeated",
  },
  {
    name: 'sample',
    type: 'count',
    shape: 'N',
    help: 'draw N points at random, from interval(a,b) and tag(log,interval(a,b)) too',
  },
  {
    name: 'sample-seed',
    type: 'index',
    shape: 'SEED',
    help: 'another draw, and another order of shuffle() (default: 0)',
  },
  { name: 'points', type: 'text', shape: 'FILE', help: 'points one by one, from a .csv, .jsonl or .yaml file' },
  { name: 'sweep', type: 'text', shape: 'FILE', help: 'a sweep kept in a YAML file; overrides go over it' },
  {
    name: 'skip-existing',
    type: 'optional',
    shape: 'complete',
    choices: ['auto', 'complete'],
    help: 'leave out what a run of this command and config covers that is COMPLETE, waits or runs; =complete: COMPLETE ones alone',
  },
  {
    name: 'repeat',
    type: 'count',
    shape: 'K',
    help: 'run each point K times; the program finds which time in MLX_REPEAT',
  },
  { name: 'first', type: 'flag', help: 'run the first point alone' },
  {
    name: 'point',
    type: 'index',
    shape: 'I',
    help: 'run the point with this number alone, as --dry-run shows it, from 0',
  },
  { name: 'count', type: 'flag', help: 'tell how many points there are; run nothing' },
]);
