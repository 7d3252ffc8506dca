import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MlxError } from '../../src/failures/failure.js';
import { renderFailure } from '../../src/failures/index.js';
import { defaultSettings, findSettingsFile, loadSettings } from '../../src/settings/index.js';
import { parseOverride } from '../../src/sweep/index.js';

describe('settings', () => {
  function project(files: Record<string, string>): string {
    const directory = mkdtempSync(join(tmpdir(), 'mlx-settings-'));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(directory, path, '..'), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
    return directory;
  }

  const load = (cwd: string, words: string[] = [], flags = {}) =>
    loadSettings({ cwd, file: findSettingsFile(cwd), overrides: words.map((word) => parseOverride(word)), flags });

  test('flags go over overrides over the file over defaults', async () => {
    const directory = project({
      'configs/mlx.yaml': 'logger: {parent_log_dir: ./a}\ngrace: 1\nmax_runs: 5\n',
      'sub/x': '',
    });
    const settings = await load(join(directory, 'sub'), ['mlxpy.grace=2', '+mlx.max_runs=6'], { max_runs: 7 });
    expect(settings).toMatchObject({ grace: 2, max_runs: 7, use_scheduler: false });
    expect(settings.logger.parent_log_dir).toBe(join(directory, 'a'));
    const typed = await load(join(directory, 'sub'), ['mlxp.logger.parent_log_dir=b']);
    expect(typed.logger).toMatchObject({ parent_log_dir: join(directory, 'sub', 'b'), forced_log_id: -1 });
  });

  test('the file of the MLXP guide is read', async () => {
    const directory = project({
      'configs/mlxpy.yaml':
        "logger:\n  parent_log_dir: ./logs\nscheduler:\n  name: OARScheduler\n  shell_path: '/bin/bash'\n  shell_config_cmd: ''\n  env_cmd: ''\n  cleanup_cmd: ''\n  option_cmd: []\nversion_manager:\n  name: GitVM\n",
    });
    expect((await load(directory)).scheduler.name).toBe('OARScheduler');
  });

  test('a mistake is told with its place', async () => {
    const directory = project({ 'configs/mlx.yaml': 'use_scheduler: true\nlogger:\n  parent_log_dirr: x\n' });
    const error: unknown = await load(directory).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(MlxError);
    const { failure } = error as MlxError;
    expect(
      renderFailure(failure).text.replaceAll(directory, ''),
    ).toBe(`mlx: unknown setting 'logger.parent_log_dirr', did you mean 'parent_log_dir'?
  /configs/mlx.yaml:3:3
    3 |   parent_log_dirr: x
          ^^^^^^^^^^^^^^^
  configs/mlx.yaml in the package lists all settings
`);
    const empty = project({});
    await expect(load(empty, ['mlx.grace=soon'])).rejects.toMatchObject({
      failure: { reason: 'bad-setting', key: 'grace' },
    });
    await expect(load(empty, ['mlx.grace=1,2'])).rejects.toMatchObject({ failure: { reason: 'sweep-not-allowed' } });
    await expect(load(empty, ['mlx.nonsense=1'])).rejects.toMatchObject({ failure: { reason: 'unknown-setting' } });
  });

  test('the shipped configs/mlx.yaml says the defaults', async () => {
    const shipped = new URL('../../configs/mlx.yaml', import.meta.url).pathname;
    const cwd = project({});
    const settings = await loadSettings({ cwd, file: { path: shipped, ignored: [] }, overrides: [], flags: {} });
    const root = new URL('../..', import.meta.url).pathname;
    expect(JSON.parse(JSON.stringify(settings).replaceAll(root, './'))).toEqual(defaultSettings);
  });
});
