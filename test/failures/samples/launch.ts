import type { LaunchFailure } from '../../../src/failures/launch.js';
import type { Samples } from './samples.js';

export const samples: Samples<LaunchFailure> = {
  'submit-here': [
    [
      {},
      2,
      [
        'mlx: mlx submit is for an engine or the local queue, not for this process',
        '  say --scheduler ENGINE, or mlx --local submit …; mlx run -- COMMAND runs one now',
      ],
    ],
  ],
  'gpus-missing': [
    [
      { wanted: 2, visible: ['0'] },
      2,
      [
        'mlx: each run is to have 2 GPUs, and only 0 can be seen from here',
        '  CUDA_VISIBLE_DEVICES says which can be seen; without it all /dev/nvidia0, 1, … are',
      ],
    ],
    [
      { wanted: 1, visible: [] },
      2,
      [
        'mlx: each run is to have 1 GPU, and none is seen from here',
        '  CUDA_VISIBLE_DEVICES says which can be seen; without it all /dev/nvidia0, 1, … are',
      ],
    ],
  ],
  'cpus-missing': [
    [
      { each: 4, parallel: 2, available: 1 },
      2,
      ['mlx: 2 runs at once with 4 CPUs each would be 8, and there is 1 here', '  lower --cpus or --parallel'],
    ],
    [
      { each: 1, parallel: 9, available: 8 },
      2,
      ['mlx: 9 runs at once with 1 CPU each would be 9, and there are 8 here', '  lower --cpus or --parallel'],
    ],
  ],
  'dependency-unusable': [
    [
      { id: 3, why: 'elsewhere', its: { engine: 'oar', cluster: undefined }, engine: 'Slurm', cluster: undefined },
      2,
      ["mlx: run 3 is a job of oar and jobs of Slurm can't wait for it", '  mlx wait 3 && mlx run … waits for any run'],
    ],
    [
      { id: 3, why: 'elsewhere', its: { engine: 'slurm', cluster: 'a' }, engine: 'Slurm', cluster: 'b' },
      2,
      [
        "mlx: run 3 is a job of slurm, cluster a, and jobs of Slurm, cluster b, can't wait for it",
        '  mlx wait 3 && mlx run … waits for any run',
      ],
    ],
    [
      { id: 3, why: 'elsewhere', its: undefined, engine: 'Slurm', cluster: undefined },
      2,
      [
        "mlx: run 3 is of this machine and jobs of Slurm can't wait for it",
        '  mlx wait 3 && mlx run … waits for any run',
      ],
    ],
    [
      { id: 3, why: 'unsubmitted', its: { engine: 'slurm', cluster: undefined }, engine: 'Slurm', cluster: undefined },
      2,
      [
        'mlx: run 3 was not submitted, so Slurm knows nothing to wait for',
        '  mlx resume submits what is left of its launch',
      ],
    ],
    [
      { id: 3, why: 'lost', its: { engine: 'slurm', cluster: undefined }, engine: 'Slurm', cluster: undefined },
      2,
      ['mlx: run 3 is lost, and may never end', '  mlx why 3 tells more; mlx resubmit 3 starts it again'],
    ],
  ],
  'forced-id-many-runs': [
    [
      { id: 7, count: 2 },
      2,
      ["mlx: 2 runs can't all continue in run 7", '  give one value for each key, or leave out the forced id'],
    ],
  ],
  'run-alive': [[{ id: 7 }, 2, ['mlx: run 7 is still running', '  wait for its end, or use another id']]],
  'in-place-overrides': [
    [
      { id: 7, override: 'lr=1' },
      2,
      [
        "mlx: a new attempt in place keeps the overrides of run 7, found 'lr=1'",
        '  leave out --in-place to make a new run: mlx rerun 7 lr=1',
      ],
    ],
  ],
  'foreign-run': [
    [
      { id: 7 },
      2,
      ['mlx: run 7 was not made by mlx, so there is no record of its command', '  launch it anew with mlx run'],
    ],
  ],
  'failures-reached': [
    [
      { launch: 'abc', failed: 2, most: 2, again: 'mlx resume @abc --max-failures 3' },
      2,
      [
        'mlx: 2 runs of launch @abc ended badly, and --max-failures 2 allows no more',
        '  mlx resume @abc --max-failures 3 goes on with the rest; mlx resubmit failed tries these again',
      ],
    ],
  ],
  'rerun-elsewhere': [
    [
      { id: 7 },
      2,
      [
        'mlx: run 7 ran on this machine, and asks no engine for anything',
        '  mlx show tells its command: give it to mlx run with --scheduler',
      ],
    ],
  ],
  'no-such-launch': [
    [
      { launch: 'abc', store: 'logs' },
      2,
      [
        "mlx: there is no launch 'abc' in 'logs'",
        '  mlx show ID tells the launch of a run; without a name all unfinished ones are meant',
      ],
    ],
  ],
  'no-launches': [
    [{ store: 'logs' }, 2, ["mlx: there is no launch in 'logs'", '  mlx run makes one; --store DIR looks elsewhere']],
  ],
  'launch-unrecorded': [
    [
      { launch: 'abc', begun: undefined },
      1,
      [
        'mlx: launch abc was ended before anything of it ran',
        '  launch it again; mlx gc removes what there is of this one',
      ],
    ],
  ],
  'launch-alive': [
    [
      { launch: 'abc', host: 'node1', pid: 12, seen: true },
      2,
      ['mlx: launch abc is being carried out by process 12 on node1', '  wait for it, or end it with Ctrl-C there'],
    ],
    [
      { launch: 'abc', host: 'node1', pid: 12, seen: false },
      2,
      [
        "mlx: launch abc was carried out by process 12 on node1, which can't be seen from here",
        '  resume it there, or add --force if that process is gone',
      ],
    ],
  ],
};
