import { describe, expect, test } from 'vitest';
import type { ExpressionValue } from '../../src/expression/index.js';
import { curveNames } from '../../src/plots/index.js';
import { wholeName } from '../../src/plots/names/short-names.js';
import { metricsFirst, type RunResult, sweptKeys } from '../../src/results/index.js';

/** A run by its overrides as typed, and its config. */
function run(id: number, typed: string, config: Record<string, ExpressionValue>): RunResult {
  const overrides = typed.split(' ').filter((word) => word !== '');
  const columns = new Map<string, ExpressionValue>();
  for (const [key, value] of Object.entries(config)) columns.set(`config.${key}`, value);
  for (const word of overrides) {
    const [key = '', ...value] = word.split('=');
    columns.set(`override.${key}`, value.join('='));
  }
  return {
    id,
    directory: `logs/${id}`,
    status: 'COMPLETE',
    columns,
    metrics: new Map(),
    problems: [],
    unreadable: false,
  };
}

const namesOf = (results: readonly RunResult[]) =>
  curveNames(
    results.map(({ id }) => ({ runs: [id], key: [] })),
    results,
    undefined,
    String,
  ).map((name) => wholeName(name));

const small = { 'model.name': 'small', 'model.width': 8, 'model.depth': 1 };
const large = { 'model.name': 'large', 'model.width': 64, 'model.depth': 3 };

describe('what was swept', () => {
  test('is a config group by its word, not by the keys that it brings', () => {
    const results = ['1e-3', '1e-2'].flatMap((lr, i) => [
      run(2 * i + 1, `optimizer.lr=${lr} model=small seed=1`, { ...small, 'optimizer.lr': Number(lr), seed: 1 }),
      run(2 * i + 2, `optimizer.lr=${lr} model=large seed=1`, { ...large, 'optimizer.lr': Number(lr), seed: 1 }),
    ]);
    expect(sweptKeys(results)).toEqual(['optimizer.lr', 'model']);
    expect(namesOf(results)).toEqual([
      'run 1  optimizer.lr=1e-3 model=small',
      'run 2  optimizer.lr=1e-3 model=large',
      'run 3  optimizer.lr=1e-2 model=small',
      'run 4  optimizer.lr=1e-2 model=large',
    ]);
  });

  test('is a key in a group that varies by itself, as well', () => {
    const results = [
      run(1, 'model=small', small),
      run(2, 'model=large', large),
      run(3, 'model=large model.width=32', { ...large, 'model.width': 32 }),
    ];
    expect(sweptKeys(results)).toEqual(['model', 'model.width']);
    expect(namesOf(results)).toEqual([
      'run 1  model=small model.width=8',
      'run 2  model=large model.width=64',
      'run 3  model=large model.width=32',
    ]);
    const edited = [
      run(1, 'model=small', small),
      run(2, 'model=large', large),
      run(3, 'model=large', { ...large, 'model.depth': 5 }),
    ];
    expect(sweptKeys(edited)).toEqual(['model', 'model.depth']);
  });

  test('is a group of any path and package', () => {
    const results = [
      run(1, 'db/sql=a model@backbone=x experiment=p', { 'db.sql.port': 1, 'backbone.width': 1, 'trainer.steps': 5 }),
      run(2, 'db/sql=b model@backbone=y experiment=q', { 'db.sql.port': 2, 'backbone.width': 2, 'trainer.steps': 9 }),
    ];
    expect(sweptKeys(results)).toEqual(['db/sql', 'model@backbone', 'experiment']);
  });

  test('is no group that one run typed and that is the default of the others', () => {
    expect(
      sweptKeys([run(1, 'model=small seed=1', { ...small, seed: 1 }), run(2, 'seed=2', { ...small, seed: 2 })]),
    ).toEqual(['seed']);
    expect(namesOf([run(1, 'model=large', large), run(2, '', small)])).toEqual(['run 1  model=large', 'run 2']);
  });

  test('is no other spelling of the same number', () => {
    expect(sweptKeys([run(1, 'lr=1e-3', { lr: 0.001 }), run(2, 'lr=0.001', { lr: 0.001 })])).toEqual([]);
  });

  test('is what configs say where nothing was typed', () => {
    const mlxp = [run(1, '', { lr: 0.00012345, model: 'a' }), run(2, '', { lr: 0.00012346, model: 'a' })];
    expect(sweptKeys(mlxp)).toEqual(['lr']);
    expect(namesOf(mlxp)).toEqual(['run 1  lr=0.00012345', 'run 2  lr=0.00012346']);
    const mixed = [run(1, 'lr=1e-3', { lr: 0.001, seed: 1 }), run(2, 'seed=2', { lr: 0.01, seed: 2 })];
    expect(namesOf(mixed)).toEqual(['run 1  lr=1e-3 seed=1', 'run 2  lr=0.01 seed=2']);
  });

  test('names no key that others decide, unless nothing else tells runs apart', () => {
    const named = [run(1, 'lr=1', { lr: 1, name: 'exp-1' }), run(2, 'lr=2', { lr: 2, name: 'exp-2' })];
    expect(sweptKeys(named)).toEqual(['lr', 'name']);
    expect(namesOf(named)).toEqual(['run 1  lr=1', 'run 2  lr=2']);
    const edited = [run(1, 'lr=1', { lr: 1, epochs: 10 }), run(2, 'lr=1', { lr: 1, epochs: 20 })];
    expect(namesOf(edited)).toEqual(['run 1  epochs=10', 'run 2  epochs=20']);
  });

  test('is told by the number alone where runs are the same', () => {
    expect(namesOf([run(1, 'lr=1', { lr: 1 }), run(2, 'lr=1', { lr: 1 })])).toEqual(['run 1', 'run 2']);
  });

  test('names groups as typed, and texts without their quotes', () => {
    const results = [
      run(1, "lr=1e-3 name='a' model=small", { ...small, lr: 0.001, name: 'a' }),
      run(2, 'lr=1e-3 model=small', { ...small, lr: 0.001, name: 'a' }),
      run(3, 'lr=1e-2 model=large', { ...large, lr: 0.01, name: 'b' }),
    ];
    const columns = ['lr', 'config.name', 'model', 'info.none'].map((name) => ({ name, reducer: undefined }));
    const groups = [{ runs: [1, 2] }, { runs: [3] }].map(({ runs }) => ({ runs, key: [] }));
    expect(curveNames(groups, results, columns, (ids) => `runs ${ids}`).map((name) => wholeName(name))).toEqual([
      'lr=1e-3 config.name=a model=small info.none=none  runs 1,2',
      'lr=1e-2 config.name=b model=large info.none=none  runs 3',
    ]);
  });
});

test('results come before steps, and each step comes once', () => {
  expect(
    metricsFirst(['train.epoch', 'train.loss', 'valid.epoch', 'valid.loss', 'train.global_step', 'train.batch_step']),
  ).toEqual(['train.loss', 'valid.loss', 'train.batch_step', 'train.epoch', 'train.global_step']);
});
