import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ErrorContext, findProgramError } from '../../src/results/program-error/program-error.js';

const directory = fileURLToPath(new URL('../fixtures/errors', import.meta.url));
const fixture = (name: string) => readFileSync(`${directory}/${name}.txt`, 'utf8');
const context: ErrorContext = {
  directory: '/home/ada/project/logs/9',
  overrides: ['seed=9', 'model=small'],
  host: 'n1',
  roots: ['/home/ada/project'],
  sure: 'any',
};
const find = (text: string, more?: Partial<ErrorContext>) => findProgramError([text], { ...context, ...more });

/** What each program printed, the error in it, and its place. */
const table: readonly (readonly [name: string, text: string | undefined, place?: string])[] = [
  ['python-seed', 'ValueError: bad seed 9', 'seed.py:4'],
  ['python-chain', 'ConfigError: no learning rate', 'chain.py:6'],
  ['python-during', 'ZeroDivisionError: division by zero', 'during.py:5'],
  ['python-recursion', 'RecursionError: maximum recursion depth exceeded', 'recursion.py:2'],
  ['python313-recursion', 'RecursionError: maximum recursion depth exceeded', 'recursion.py:2'],
  ['python-exit', 'no data for seed 9'],
  ['python-syntax', "SyntaxError: '(' was never closed", 'syntax.py:2'],
  ['python38-syntax', 'SyntaxError: invalid syntax', 'syntax.py:3'],
  ['python-group', 'ExceptionGroup: many (2 sub-exceptions): ValueError: bad seed 9', 'group.py:1'],
  [
    'python-taskgroup',
    'ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception): ValueError: bad seed 9',
    'taskgroup.py:2',
  ],
  ['python-notes', 'ValueError: bad seed 9', 'notes.py:2'],
  ['python-asyncio-task', 'ValueError: bad seed 9', 'asyncio_task.py:2'],
  ['python-pool', 'ValueError: bad seed 9', 'pool.py:3'],
  ['python-spawn', 'ValueError: bad seed 9', 'spawn.py:2'],
  ['python-futures', 'ValueError: bad seed 9', 'futures.py:2'],
  ['python-thread', 'ValueError: bad seed 9', 'thread.py:2'],
  [
    'python-multiline',
    'RuntimeError: Error(s) in loading state_dict for Net: Missing key(s) in state_dict: "fc.weight".',
    'multiline.py:1',
  ],
  ['python-module', 'json.decoder.JSONDecodeError: Expecting value: line 1 column 7 (char 6)', 'module.py:2'],
  ['python-interrupt', 'KeyboardInterrupt', 'interrupt.py:2'],
  ['python-argp', 'argp.py: error: the following arguments are required: --seed'],
  ['python-warn', 'bad seed 9'],
  ['python-warnlast', 'bad seed 9'],
  ['python-called', 'ValueError: bad seed 9', 'seed.py:4'],
  ['python-bare', 'AssertionError', 'bare.py:1'],
  ['python-memory', 'MemoryError', 'memory.py:1'],
  ['python-local', 'f.<locals>.Diverged: loss nan at step 5', 'local.py:3'],
  ['python-library', 'statistics.StatisticsError: mean requires at least one data point', 'library.py:2'],
  ['python-logged', 'ERROR train: bad seed 9'],
  ['python-logexc', 'ValueError: bad seed 9', 'logexc.py:4'],
  ['python-progress', undefined],
  ['cuda-memory', 'torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.', 'cuda.py:3'],
  ['torchrun', 'ValueError: bad seed 9', 'train.py:7'],
  ['torchrun-record', 'ValueError: bad seed 9', 'train.py:7'],
  ['torch-loader', 'ValueError: bad seed 9', 'data.py:5'],
  ['torch-spawn', 'ValueError: bad seed 9', 'train.py:3'],
  ['node-throw', 'TypeError: one', 'n1.mjs:1'],
  ['node-null', "TypeError: Cannot read properties of null (reading 'x')", 'n1.mjs:2'],
  [
    'node-package',
    "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'mlx' imported from /home/ada/project/n2.mjs",
    'n2.mjs',
  ],
  [
    'node-module',
    "Error [ERR_MODULE_NOT_FOUND]: Cannot find module '/home/ada/project/no-such.mjs' imported from /home/ada/project/n3.mjs",
    'n3.mjs',
  ],
  ['node-rejection', 'RangeError: bad seed 9', 'n4.mjs:1'],
  ['node-rejected-text', 'UnhandledPromiseRejection: "bad seed 9"'],
  ['node16-rejected-text', 'UnhandledPromiseRejection: "bad seed 9"'],
  ['node-syntax', "SyntaxError: Unexpected token ';'", 'n6.mjs:1'],
  ['node-aggregate', 'AggregateError: All promises were rejected: Error: a 1', 'n7.mjs:1'],
  ['node-cause', 'Error: no config', 'n8.mjs:1'],
  ['node-thrown-text', 'bad seed 9', 'n9.cjs:1'],
  ['node-thrown-object', '{ seed: 9 }', 'n13.cjs:1'],
  ['node-file', "Error: ENOENT: no such file or directory, open 'no-such.json'", 'n10.cjs:2'],
  ['node-require', "Error: Cannot find module 'no-such-package'", 'n11.cjs:1'],
  ['node-printed', 'DivergedError: loss nan', 'n12.cjs:2'],
  ['node-command', "TypeError: Cannot read properties of null (reading 'x')", 'n1.mjs:2'],
  ['node-assert', 'AssertionError [ERR_ASSERTION]: Expected values to be strictly equal: 1 !== 2', 'n15.cjs:1'],
  ['node-stack', 'RangeError: Maximum call stack size exceeded', 'n16.cjs:1'],
  ['r-call', 'Error in f(9) : bad seed 9'],
  ['r-stop', 'Error: no data'],
  [
    'r-long',
    'Error in g(quite_a_long_argument_name = 1, another = 9) : a message that is so long that it does not fit beside the call of it, seed 9',
  ],
  ['r-object', "Error: object 'y' not found"],
  ['r-syntax', 'Error: unexpected symbol in: "x <- (1 +'],
  ['r-package', 'Error in library(nosuchpackage) : there is no package called ‘nosuchpackage’'],
  ['r-warning', 'Error: bad seed 9'],
  ['julia', 'LoadError: bad seed 9', 'train.jl:2'],
  ['cpp-throw', 'std::runtime_error: bad seed 9'],
  ['cpp-throw-int', "terminate called after throwing an instance of 'int'"],
  ['cpp-assert', "Assertion `x > 3' failed.", 't.cpp:8'],
  ['cpp-segfault', 'Segmentation fault', 'c3.sh:1'],
  ['cpp-abort', 'Aborted', 'c4.sh:1'],
  ['cpp-double-free', 'free(): double free detected in tcache 2'],
  ['bash-command', 'foo: command not found', 'b1.sh:3'],
  ['bash-unbound', 'FOO: unbound variable', 'b2.sh:2'],
  ['bash-syntax', "syntax error near unexpected token `done'", 'b3.sh:3'],
  ['bash-end', 'syntax error: unexpected end of file', 'b4.sh:3'],
  ['bash-killed', 'Killed', 'k2.sh:1'],
  ['dash-command', 'foo: not found', 'd1.sh:3'],
  ['mpi-exit', 'ValueError: bad seed 9', 'seed.py:4'],
  ['mpi-abort', 'solver: residual is nan at step 9'],
  ['slurm-time', 'JOB 1 ON n1 CANCELLED AT 2026-11-28T07:32:52 DUE TO TIME LIMIT'],
  ['slurm-memory', 'Detected 1 oom_kill event in StepId=7.batch. Some of the step tasks have been OOM Killed.'],
  ['slurm-srun', 'ValueError: bad seed 9', 'seed.py:4'],
  ['slurm-ranks', 'ValueError: bad seed 9', 'train.py:4'],
  ['slurm-segfault', 'srun: error: n2: task 0: Segmentation fault'],
  ['slurm-step', 'srun: error: Unable to create step for job 3: More processors requested than permitted'],
];

describe('the error of a program', () => {
  test.for(table)('%s', ([name, text, place]) => {
    const found = find(fixture(name));
    expect([found?.text, found?.place]).toEqual([text, place]);
  });

  test('every captured output is in the table', () => {
    const known = new Set([...table.map(([name]) => name), 'julia-domain']);
    const names = readdirSync(directory).filter((name) => name.endsWith('.txt'));
    expect(names.map((name) => name.slice(0, -4)).filter((name) => !known.has(name))).toEqual([]);
  });

  test('its text may go on in a second line', () => {
    expect(find(fixture('julia-domain'))?.text).toMatch(/^LoadError: DomainError with -9\.0: sqrt was called/);
  });

  test('names its cause', () => {
    expect(find(fixture('python-chain'))?.cause).toBe("KeyError: 'lr'");
    expect(find(fixture('node-cause'))?.cause).toMatch(/^SyntaxError: Expected property name/);
    expect(find(fixture('python-pool'))?.cause).toBeUndefined();
  });

  test('is not what the supervisor says of jobs that it turns away', () => {
    const refused = 'mlx: /home/ada/logs/3 was not started: 2 runs of its launch failed (--max-failures 2)\n';
    const again = 'mlx: attempt 1 of /home/ada/logs/3 has failed; not started again\n';
    expect(find(`${refused}bad seed 9\n${again}`)?.text).toBe('bad seed 9');
    expect(find(refused)).toBeUndefined();
    expect(find("mlx: can't write 1.yaml (is the disk full?); not started\n")?.text).toContain('disk full');
  });

  test('is that of the last attempt', () => {
    const first = fixture('python-seed');
    const line = '--- attempt 2, 2026-11-28T07:30:12+00:00 on n1 ---\n';
    expect(find(`${first}${line}no data\n`)?.text).toBe('no data');
    expect(find(`${first}${line}`)).toBeUndefined();
    expect(find(`no data\n${line}${first}`)?.text).toBe('ValueError: bad seed 9');
  });

  test('may stand in either log, and far above the end', () => {
    const traceback = fixture('python-seed');
    const both = (stderr: string, stdout: string) => findProgramError([stderr, stdout], context)?.text;
    expect(both('', traceback)).toBe('ValueError: bad seed 9');
    expect(both('UserWarning: slow\n', traceback)).toBe('ValueError: bad seed 9');
    expect(both('no data\n', 'epoch 3\n')).toBe('no data');
    expect(both('', 'epoch 3\nno data\n')).toBe('no data');
    expect(both(`${traceback}${'wandb: syncing\n'.repeat(3000)}`, '')).toBe('ValueError: bad seed 9');
  });

  test.each([
    [
      'of Hydra',
      'Error executing job with overrides: [\'seed=9\']\nTraceback (most recent call last):\n  File "/home/ada/project/train.py", line 4, in main\n    f()\nValueError: bad seed 9\n\nSet the environment variable HYDRA_FULL_ERROR=1 for a complete stack trace.\n',
      'ValueError: bad seed 9',
      'train.py:4',
    ],
    [
      'of loguru',
      'ERROR | An error has been caught:\nTraceback (most recent call last):\n\n> File "/home/ada/project/train.py", line 8, in <module>\n    main()\n    └ <function main at 0x7f>\n\n  File "/home/ada/project/train.py", line 5, in main\n    raise ValueError("bad seed 9")\n\nValueError: bad seed 9\n',
      'ValueError: bad seed 9',
      'train.py:5',
    ],
    [
      'of rich',
      '╭── Traceback (most recent call last) ──╮\n│ /home/ada/project/train.py:5 in main  │\n╰───────────────────────────────────────╯\nValueError: bad seed 9\n',
      'ValueError: bad seed 9',
      undefined,
    ],
    [
      'of Java',
      'Exception in thread "main" java.lang.IllegalStateException: bad seed 9\n\tat java.base/java.util.Objects.requireNonNull(Objects.java:233)\n\tat Train.main(Train.java:3)\nCaused by: java.io.IOException: no data\n\t... 1 more\n',
      'java.lang.IllegalStateException: bad seed 9',
      'Train.java:3',
    ],
    [
      'of Rust',
      "\nthread 'main' panicked at src/main.rs:2:5:\nbad seed 9\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n",
      'bad seed 9',
      'src/main.rs:2',
    ],
    [
      'of Go',
      'panic: bad seed 9\n\ngoroutine 1 [running]:\nmain.main()\n\t/home/ada/x.go:4 +0x1d\nexit status 2\n',
      'panic: bad seed 9',
      undefined,
    ],
    [
      'of Julia without frames',
      'ERROR: LoadError: syntax: incomplete\nin expression starting at /home/ada/project/train.jl:3\n',
      'LoadError: syntax: incomplete',
      'train.jl:3',
    ],
    [
      'of rlang',
      'Error in `f()`:\n! bad seed 9\nBacktrace:\n 1. global f()\nExecution halted\n',
      'Error in `f()` : bad seed 9',
      undefined,
    ],
    [
      'of gcc',
      "train.c: In function 'main':\ntrain.c:3:5: error: expected ';'\n    3 | x\n      |  ^\n",
      "train.c:3:5: error: expected ';'",
      undefined,
    ],
    ['of two lines', 'cannot train:\n  seed 9 is bad\n', 'cannot train: seed 9 is bad', undefined],
    [
      'of the interpreter',
      "python3: can't open file '/home/ada/project/x.py': [Errno 2] No such file or directory\n",
      "python3: can't open file '/home/ada/project/x.py': [Errno 2] No such file or directory",
      undefined,
    ],
    ['that says that memory was short', 'Killed\n', 'Killed', undefined],
    ['that is a crash', 'loading\nSegmentation fault (core dumped)\n', 'Segmentation fault (core dumped)', undefined],
  ] as const)('%s', (_, log, text, place) => {
    const found = find(log);
    expect([found?.text, found?.place]).toEqual([text, place]);
  });

  test('may stand behind a progress bar', () => {
    const bar = '\r 33%|###  | 1/3 [00:01<00:02,  1.50it/s]';
    expect(find(`${bar}${fixture('python-seed')}`)).toMatchObject({
      text: 'ValueError: bad seed 9',
      place: 'seed.py:4',
    });
    expect(find(`${bar}no data\n`)?.text).toBe('no data');
  });

  test('of a program that was killed is only what its killer says', () => {
    expect(find(fixture('python-seed'), { sure: 'verdict' })).toBeUndefined();
    expect(find(fixture('slurm-memory'), { sure: 'verdict' })?.text).toMatch(/oom_kill/);
    expect(find(fixture('cpp-throw'), { sure: 'exception' })?.text).toBe('std::runtime_error: bad seed 9');
    expect(find('done\n', { sure: 'exception' })).toBeUndefined();
  });

  test('is not what came before it: a caught error, an error of another thread', () => {
    const retried = fixture('python-chain');
    expect(find(`${retried}retrying\n${fixture('python-seed')}`)?.text).toBe('ValueError: bad seed 9');
    expect(find(`${fixture('python-bare')}${fixture('python-thread')}`)?.text).toBe('AssertionError');
    expect(find(`${fixture('python-seed')}${fixture('python-interrupt')}`)?.text).toBe('ValueError: bad seed 9');
  });

  test('is shown with its own frames', () => {
    expect(find(fixture('node-package'))?.lines.join('\n')).toBe(
      `node:internal/modules/esm/resolve:873
  throw new ERR_MODULE_NOT_FOUND(packageName, fileURLToPath(base), null);
        ^
Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'mlx' imported from /home/ada/project/n2.mjs
    …
  code: 'ERR_MODULE_NOT_FOUND'
}`,
    );
    expect(find(fixture('python-pool'))?.lines.join('\n')).toBe(
      `Traceback (most recent call last):
  …
  File "/home/ada/project/pool.py", line 3, in f
    if x == 2: raise ValueError('bad seed 9')
               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
ValueError: bad seed 9`,
    );
    expect(find(fixture('slurm-ranks'))?.lines).toEqual([
      '1: Traceback (most recent call last):',
      '1:   File "/home/ada/project/train.py", line 4, in <module>',
      "1:     raise ValueError('bad seed 9')",
      '1: ValueError: bad seed 9',
    ]);
    for (const [name] of table) expect(find(fixture(name))?.lines.length ?? 0, name).toBeLessThanOrEqual(15);
  });
});

describe('the kind of an error', () => {
  const kindOf = (text: string, more?: Partial<ErrorContext>) => find(`${text}\n`, more)?.kind;

  /** Texts of one kind, each with what its run was given. */
  const alike: readonly (readonly [text: string, overrides: readonly string[]])[][] = [
    [
      ['ValueError: bad seed 9', ['seed=9']],
      ['ValueError: bad seed 18', ['seed=18']],
    ],
    [
      ['loss is 1.5e-3 at step 12', []],
      ['loss is 2 at step 7', []],
    ],
    [
      ['diverged: loss=nan', []],
      ['diverged: loss=-inf', []],
      ['diverged: loss=1e30', []],
    ],
    [
      ["KeyError: 'small'", ['model=small']],
      ["KeyError: 'large'", ['model=large']],
    ],
    [
      ['unknown optimizer sgd', ['optimizer=sgd']],
      ['unknown optimizer adam', ["optimizer='adam'"]],
    ],
    [
      ["bad letter 'a'", ['x=a']],
      ["bad letter 'b'", ['x=b']],
    ],
    [
      ['<Net object at 0x7f12ab34> has no weights', []],
      ['<Net object at 0x7fffee00> has no weights', []],
    ],
    [
      ["FileNotFoundError: No such file: '/tmp/tmpab12_x9z/data.csv'", []],
      ["FileNotFoundError: No such file: '/tmp/tmpzz99yyxx/data.csv'", []],
    ],
    [
      ['no space in /tmp/tmpab12_x9z', []],
      ['no space in /tmp/tmpqqqqwwww', []],
    ],
    [
      ["OSError: can't read data/seed9/part_1.npz", []],
      ["OSError: can't read data/seed18/part_2.npz", []],
    ],
    [
      ['RuntimeError: mat1 and mat2 shapes cannot be multiplied (3x4 and 5x6)', []],
      ['RuntimeError: mat1 and mat2 shapes cannot be multiplied (32x40 and 5x6)', []],
    ],
    [
      ['RuntimeError: expected size [3, 4], got [3, 4, 5]', []],
      ['RuntimeError: expected size [3], got [1, 2]', []],
    ],
    [
      ['job 0f8fad5b-d9cb-469f-a165-70867728950e failed', []],
      ['job 7c9e6679-7425-40de-944b-e07fc1f90ae7 failed', []],
    ],
    [
      ['commit 1a2b3c4d5e is missing', []],
      ['commit 99ffee0011 is missing', []],
    ],
    [
      ['no answer from 10.0.0.3:29500 at 2026-11-28 07:30:12', []],
      ['no answer from 10.0.0.14:29501 at 2026-11-28 08:00:00', []],
    ],
    [
      ['torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has 79 GiB', []],
      ['torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB (GPU 1; 11 GiB total)', []],
    ],
    [
      ['slurmstepd: error: *** JOB 7 ON n1 CANCELLED AT 2026-11-28T07:30:12 DUE TO TIME LIMIT ***', []],
      ['slurmstepd: error: *** JOB 8 ON n20 CANCELLED AT 2026-11-28T09:30:12 DUE TO TIME LIMIT ***', []],
    ],
    [
      ["can't write seed9: full", ['seed=9']],
      ["can't write seed18: full", ['seed=18']],
    ],
  ];

  test.for(alike.map((texts) => ({ title: texts[0]?.[0], texts })))('is the same for $title', ({ texts }) => {
    const kinds = texts.map(([text, overrides]) => kindOf(text, { overrides }));
    expect(new Set(kinds).size, kinds.join('\n')).toBe(1);
  });

  test.each([
    ["KeyError: 'lr'", "KeyError: 'wd'"],
    ["TypeError: Cannot read properties of null (reading 'x')", 'TypeError: one'],
    ['size mismatch for conv1.weight', 'size mismatch for conv2.weight'],
    ["No module named 'numpy'", "No module named 'torch'"],
    ["can't read data/train.csv", "can't read data/test.csv"],
    ["No such file: '/tmp/tmpab12_x9z/data.csv'", "No such file: '/tmp/tmpab12_x9z/labels.csv'"],
    ['expected float32', 'expected float64'],
  ])('is another for %s and %s', (one, other) => {
    expect(kindOf(one)).not.toBe(kindOf(other));
  });

  test("of an exception without a message is its place; the run's own directory and host are no part of it", () => {
    const bare = fixture('python-bare');
    expect(find(bare)?.kind).not.toBe(find(bare.replace('line 1', 'line 7'))?.kind);
    const at = (directory: string, host: string) =>
      kindOf(`no file ${directory}/checkpoints/last.pt on ${host}`, { directory, host });
    expect(at('/home/ada/project/logs/9', 'n1')).toBe(at('/home/ada/project/logs/10', 'gpu-node'));
  });

  test('does not depend on numbers', () => {
    const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
    fc.assert(
      fc.property(number, number, (one, other) => {
        expect(kindOf(`ValueError: bad seed ${one}, stop`)).toBe(kindOf(`ValueError: bad seed ${other}, stop`));
      }),
    );
  });
});

describe('any text', () => {
  const line = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.constantFrom(...table.flatMap(([name]) => fixture(name).split('\n'))),
  );
  const log = fc.array(line, { maxLength: 40 }).map((lines) => lines.join('\n'));

  test('gives one line without control characters, or nothing', () => {
    fc.assert(
      fc.property(log, log, (stderr, stdout) => {
        const found = findProgramError([stderr, stdout], context);
        expect(found?.text ?? 'x').toMatch(/^[^\p{Cc}]+$/u);
        expect(found?.lines.length ?? 0).toBeLessThanOrEqual(15);
      }),
      { numRuns: 300 },
    );
  });

  test('above a traceback does not hide it', () => {
    const plain = fc.array(fc.stringMatching(/^[a-z ]{0,20}$/), { maxLength: 30 });
    const traced = table
      .filter(([, text, place]) => place && /^\w+Error/.test(text ?? ''))
      .map(([name, text]) => ({ name, text }));
    fc.assert(
      fc.property(plain, fc.constantFrom(...traced), (above, { name, text }) => {
        expect(find(`${above.join('\n')}\n${fixture(name)}`)?.text).toBe(text);
      }),
    );
  });

  /** Texts on which a careless pattern takes minutes, or runs out of stack. */
  test.each([
    'x',
    ' ',
    '/a',
    '1,',
    'a.',
    'a: ',
    '9f',
    '3/4 [1it/s ',
    'Error: x\n',
    'Error in f : x\n',
    '/a.js:1\nx\n^\n',
    '  File "a.py", line 1, in f\n',
    '    at f (/a.js:1:2)\n',
    'Error: x\n    at f (/a.js:1:2) {\n',
    'Traceback (most recent call last):\n',
    '[rank1]: Traceback (most recent call last):\n[rank1]:   File "a.py", line 1\n',
    '  + Exception Group Traceback (most recent call last):\n  |   File "a", line 1\n  | E: x\n  +-+---------------- 1 ----------------\n',
    `${'-'.repeat(70)}\n`,
  ])('of a quarter of a megabyte of %j is read in no time', (part) => {
    const begin = performance.now();
    find(part.repeat(262_144 / part.length));
    expect(performance.now() - begin).toBeLessThan(3000);
  });
});
