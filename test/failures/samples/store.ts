import type { StoreFailure } from '../../../src/failures/store.js';
import type { Samples } from './samples.js';

export const samples: Samples<StoreFailure> = {
  'store-unusable': [
    [
      { path: 'logs', code: 'EROFS' },
      2,
      ["mlx: can't keep runs in 'logs': the file system is read-only", '  choose another directory with --store DIR'],
    ],
  ],
  'no-store': [
    [{ path: 'logs' }, 2, ["mlx: there are no runs in 'logs'", '  mlx run makes some; --store DIR looks elsewhere']],
  ],
  'no-such-run': [
    [
      { selection: '9', store: 'logs', last: 4, deleted: false },
      2,
      ["mlx: there is no run '9' in 'logs'", '  the last one is 4; mlx list shows all'],
    ],
    [
      { selection: '2', store: 'logs', last: 4, deleted: true },
      2,
      ["mlx: run 2 was deleted from 'logs'", '  the last one is 4; mlx list shows all'],
    ],
    [
      { selection: '2', store: 'logs', last: 0, deleted: false },
      2,
      ["mlx: there is no run '2' in 'logs'", '  there are none yet'],
    ],
  ],
  'bad-selection': [
    [
      { selection: 'faild', near: 'failed' },
      2,
      [
        "mlx: can't tell which runs 'faild' means, did you mean 'failed'?",
        '  expected 5, 12-40, 1,2,5-8, @last, @LAUNCH or a status such as failed',
      ],
    ],
  ],
  'incomplete-run': [
    [
      { id: 3, path: 'logs/3' },
      1,
      [
        'mlx: run 3 was never completed: the process that claimed it ended before',
        '  logs/3 holds what there is of it',
      ],
    ],
  ],
  'broken-record': [
    [
      { path: 'logs/1/job.yaml', problem: { kind: 'cut-short' } },
      1,
      ["mlx: can't make sense of 'logs/1/job.yaml': it is cut short", '  look at it by hand'],
    ],
    [
      { path: 'logs/1/job.yaml', problem: { kind: 'cut-short-or-edited' } },
      1,
      ["mlx: can't make sense of 'logs/1/job.yaml': it is cut short or was edited", '  look at it by hand'],
    ],
    [
      { path: 'logs/1/job.yaml', problem: { kind: 'no-job-record' } },
      1,
      ["mlx: can't make sense of 'logs/1/job.yaml': job.yaml is gone", '  look at it by hand'],
    ],
    [
      { path: 'logs/1/job.yaml', problem: { kind: 'no-config' } },
      1,
      ["mlx: can't make sense of 'logs/1/job.yaml': it tells no config", '  look at it by hand'],
    ],
    [
      { path: 'logs/1/job.yaml', problem: { kind: 'invalid', path: 'plan.count', message: 'Expected number' } },
      1,
      ["mlx: can't make sense of 'logs/1/job.yaml': plan.count: Expected number", '  look at it by hand'],
    ],
    [
      { path: 'logs/1/job.yaml', problem: { kind: 'invalid', path: undefined, message: 'Expected Object' } },
      1,
      ["mlx: can't make sense of 'logs/1/job.yaml': it: Expected Object", '  look at it by hand'],
    ],
  ],
  'record-not-written': [
    [
      { path: 'logs/3', code: 'ENOSPC', again: 'mlx resume' },
      1,
      [
        "mlx: can't write to 'logs/3': the disk is full",
        '  no further run was started; fix that, then type mlx resume',
      ],
    ],
  ],
  'output-not-written': [[{ code: 'ENOSPC' }, 1, ["mlx: can't write the output: the disk is full"]]],
  'system-error': [
    [
      { path: 'logs', code: 'EPERM' },
      1,
      ["mlx: 'logs': not permitted", '  fix that and try again; mlx resume goes on with a launch that it broke off'],
    ],
    [
      { path: 'logs', code: 'EDQUOT' },
      1,
      [
        "mlx: 'logs': the disk quota is used up",
        '  fix that and try again; mlx resume goes on with a launch that it broke off',
      ],
    ],
    [
      { path: 'logs', code: 'ENOTDIR' },
      1,
      [
        "mlx: 'logs': a part of the path is no directory",
        '  fix that and try again; mlx resume goes on with a launch that it broke off',
      ],
    ],
    [
      { path: 'logs', code: 'EISDIR' },
      1,
      [
        "mlx: 'logs': it is a directory",
        '  fix that and try again; mlx resume goes on with a launch that it broke off',
      ],
    ],
    [
      { path: 'logs', code: 'EMFILE' },
      1,
      [
        "mlx: 'logs': too many open files",
        '  fix that and try again; mlx resume goes on with a launch that it broke off',
      ],
    ],
    [
      { path: 'logs', code: 'ENFILE' },
      1,
      [
        "mlx: 'logs': too many open files on this machine",
        '  fix that and try again; mlx resume goes on with a launch that it broke off',
      ],
    ],
    [
      { path: 'logs', code: 'EIO' },
      1,
      [
        "mlx: 'logs': the disk or network failed (input/output error)",
        '  fix that and try again; mlx resume goes on with a launch that it broke off',
      ],
    ],
    [
      { path: 'logs', code: 'ENAMETOOLONG' },
      1,
      [
        "mlx: 'logs': the name is too long",
        '  fix that and try again; mlx resume goes on with a launch that it broke off',
      ],
    ],
    [
      { path: 'logs', code: 'ELOOP' },
      1,
      [
        "mlx: 'logs': too many symbolic links",
        '  fix that and try again; mlx resume goes on with a launch that it broke off',
      ],
    ],
    [
      { path: 'logs', code: 'EEXIST' },
      1,
      [
        "mlx: 'logs': something of that name is in the way",
        '  fix that and try again; mlx resume goes on with a launch that it broke off',
      ],
    ],
    [
      { path: undefined, code: 'EAGAIN' },
      1,
      ['mlx: EAGAIN', '  fix that and try again; mlx resume goes on with a launch that it broke off'],
    ],
  ],
};
