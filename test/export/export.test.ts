import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { crc32c } from '../../src/export/crc32c.js';
import { makeRig, type Rig } from '../rig/rig.js';

async function sweep(): Promise<Rig> {
  const rig = makeRig();
  rig.write(
    'train.py',
    `import mlxrun
run = mlxrun.start()
for epoch in range(1, 4):
    run.log_metrics({"epoch": epoch, "loss": float("nan") if epoch == 2 else run.config.lr / epoch, "note": "a"})
run.log_metrics({"accuracy": 0.75}, log_name="test")
`,
  );
  rig.write('configs/config.yaml', 'lr: 0.5\n"..": up\nmodel: {name: "two\\nlines"}\n');
  await rig.mlx('run', 'train.py', 'lr=0.5,0.25', '-q');
  return rig;
}

// Reads event files by what TFRecord and protocol buffers are, without a line of mlx.
const reader = `import json, struct, sys
def crc(data):
    value = 0xffffffff
    for byte in data:
        value ^= byte
        for _ in range(8): value = (value >> 1) ^ (0x82f63b78 if value & 1 else 0)
    value ^= 0xffffffff
    return ((value >> 15 | value << 17) + 0xa282ead8) & 0xffffffff
def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]; at += 1
        value |= (byte & 127) << shift; shift += 7
        if byte < 128: return value, at
def fields(data):
    at, found = 0, {}
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0: value, at = varint(data, at)
        elif key & 7 == 1: value, at = struct.unpack_from("<d", data, at)[0], at + 8
        elif key & 7 == 5: value, at = struct.unpack_from("<f", data, at)[0], at + 4
        else:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
        found[key >> 3] = value
    return found
data, at, told = open(sys.argv[1], "rb").read(), 0, []
while at < len(data):
    (size, check), at = struct.unpack_from("<QI", data, at), at + 12
    assert crc(data[at - 12:at - 4]) == check
    body, at = data[at:at + size], at + size
    assert crc(body) == struct.unpack_from("<I", data, at)[0]
    at += 4
    event = fields(body)
    if 3 in event: told.append(event[3].decode())
    else:
        value = fields(fields(event[5])[1])
        told.append([event[2], value[1].decode(), repr(value[2])])
print(json.dumps(told))
`;

describe('mlx export', () => {
  test('tensorboard: event files with every scalar, one directory for each run', async () => {
    const rig = await sweep();
    const { exitCode, stdout, stderr } = await rig.mlx('export', 'tensorboard', 'out/tb', '2');
    expect([exitCode, stdout, stderr]).toEqual([
      0,
      '1 run in out/tb; tensorboard --logdir out/tb\n',
      'note: 3 logged values that are no number left out\n',
    ]);
    expect(readdirSync(join(rig.directory, 'out/tb'))).toEqual(['run_2_lr=0.25']);
    const [file = '', ...others] = readdirSync(join(rig.directory, 'out/tb/run_2_lr=0.25'));
    expect(others).toEqual([]);
    expect(file).toMatch(/^events\.out\.tfevents\.\d{10}\.mlx\.2$/);
    const read = await execa('python3', ['-c', reader, join(rig.directory, 'out/tb/run_2_lr=0.25', file)]);
    expect(JSON.parse(read.stdout)).toEqual([
      'brain.Event:2',
      [1, 'test/accuracy', '0.75'],
      [1, 'train/loss', '0.25'],
      [2, 'train/loss', 'nan'],
      [3, 'train/loss', expect.stringMatching(/^0\.08333/)],
    ]);
  });

  test('mlflow: a file store with params, tags and metrics; a second export renews the first', async () => {
    const rig = await sweep();
    await rig.mlx('export', 'mlflow', 'mlruns');
    expect((await rig.mlx('export', 'mlflow', 'mlruns', '--where', 'config.lr < 0.4')).stdout).toMatch(
      /^1 run in mlruns/,
    );
    const [experiment = '', ...others] = readdirSync(join(rig.directory, 'mlruns'));
    expect(others).toEqual([]);
    expect(experiment).toMatch(/^\d{18}$/);
    const inside = join(rig.directory, 'mlruns', experiment);
    expect(parse(readFileSync(join(inside, 'meta.yaml'), 'utf8'))).toMatchObject({
      experiment_id: experiment,
      lifecycle_stage: 'active',
    });
    const runs = readdirSync(inside).filter((name) => name !== 'meta.yaml');
    expect(runs.length).toBe(2);
    const metas = runs.map((run) => parse(readFileSync(join(inside, run, 'meta.yaml'), 'utf8')));
    expect(metas.map(({ run_id }) => run_id)).toEqual(runs);
    const at = metas.findIndex(({ run_name }) => run_name === 'run 2 lr=0.25');
    expect(metas[at]).toMatchObject({ status: 3, source_type: 4, experiment_id: experiment });
    expect(metas[at].end_time).toBeGreaterThan(metas[at].start_time);
    const file = (path: string) => readFileSync(join(inside, runs[at] ?? '', path), 'utf8');
    expect(readdirSync(join(inside, runs[at] ?? '', 'params')).sort()).toEqual(['_', 'lr', 'model.name']);
    expect([file('params/lr'), file('params/model.name')]).toEqual(['0.25', 'two\nlines']);
    expect(file('tags/mlx.overrides')).toBe('lr=0.25');
    expect(file('metrics/train.loss')).toMatch(/^\d{13} 0\.25 1\n\d{13} nan 2\n\d{13} 0\.0833\d+ 3\n$/);
  });

  test('wandb: config, history by step and summary', async () => {
    const rig = await sweep();
    await rig.mlx('export', 'wandb', 'wb', '2');
    expect(JSON.parse(rig.read('wb/run-2.json'))).toMatchObject({
      id: 'mlx-2',
      state: 'COMPLETE',
      config: { lr: 0.25, 'model.name': 'two\nlines' },
      history: [
        { _step: 1, 'test/accuracy': 0.75, 'train/loss': 0.25 },
        { _step: 2, 'train/loss': 'NaN' },
        { _step: 3, 'train/loss': expect.closeTo(0.25 / 3) },
      ],
    });
  });

  test('bad input is answered once, with exit code 2, and nothing is written', async () => {
    const rig = await sweep();
    const before = rig.tree('.');
    for (const [words, text] of [
      [['export'], 'TOOL is missing'],
      [['export', 'mlflow'], 'DIR is missing'],
      [['export', 'tensorbord', 'out'], "did you mean 'tensorboard'?"],
      [['export', 'toString', 'out'], 'expected tensorboard, mlflow, wandb'],
      [['export', 'wandb', 'out', '9'], '9'],
    ] as const) {
      const { exitCode, stdout, stderr } = await rig.mlx(...words);
      expect([words, exitCode, stdout, stderr]).toEqual([words, 2, '', expect.stringContaining(text)]);
    }
    expect(rig.tree('.')).toEqual(before);
  });
});

test('CRC-32C is as in RFC 3720, B.4', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
});
