import { interleaved, mlx, root, run, times } from './measure.mjs';

/** Start-up: how much longer than Node itself. */
export async function* startup({ quick }) {
  const command =
    (...argv) =>
    async () =>
      (await run([process.execPath, ...argv], { cwd: root })).milliseconds;
  const dryRun = ['run', 'examples/iris/train.py', 'optimizer.lr=1e-3,1e-2', 'seed=1,2', '--dry-run'];
  const complete = ['completion', 'words', '--', 'bash', 'mlx show '];
  const [node, version, help, dry, completion] = await interleaved(
    [
      command('-e', '0'),
      command(mlx, '--version'),
      command(mlx, '--help'),
      command(mlx, ...dryRun),
      command(mlx, ...complete),
    ],
    quick ? 7 : 31,
  );
  const beside = `\`node -e 0\` (${node.toFixed(0)} ms)`;
  yield { what: '`mlx --version`', beside, ratio: times(version, node), goal: 'at most 1.3' };
  yield { what: '`mlx --help`', beside, ratio: times(help, node), goal: '' };
  yield {
    what: '`mlx run --dry-run`, four points, with a config',
    beside,
    ratio: times(dry, node),
    goal: 'at most 1.6',
  };
  yield {
    what: 'what Tab asks, `mlx show ` to be completed',
    beside,
    ratio: times(completion, node),
    goal: 'at most 1.5',
  };
}
