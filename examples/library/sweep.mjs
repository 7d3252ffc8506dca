// A sweep that a program launches: the runs are processes of this machine, two at a time.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bestSettings, launch, MlxError, parseColumnName, renderFailure } from 'mlx';

const iris = join(dirname(fileURLToPath(import.meta.url)), '../iris');

try {
  const sweep = await launch({
    program: 'train.py',
    overrides: ['optimizer.lr=1e-3,1e-2', 'seed=1,2'],
    cwd: iris,
    parallel: 2,
    // On a cluster: engine: 'slurm', time: '2h', mem: '8G'.
  });
  process.once('SIGINT', () => sweep.stop('interrupted'));
  console.log(`${sweep.plan.count} runs in ${sweep.store}`);
  const ends = await sweep.finished((event) => {
    if (event.type === 'ended') console.log(`run ${event.run.id}  ${event.run.label}  ${event.status.status}`);
  });
  const failed = ends.filter(({ status }) => status !== 'COMPLETE');
  if (failed.length > 0) process.exitCode = 1;
  const settings = [parseColumnName('optimizer.lr')];
  const metric = parseColumnName('test.loss@min');
  const [best] = bestSettings(await sweep.results(), metric, { groupBy: [], settings, goal: 'min' });
  if (best) console.log(`best: optimizer.lr=${best.setting[0]} with a loss of ${best.mean.toFixed(3)}`);
} catch (error) {
  if (!(error instanceof MlxError)) throw error;
  const { text, exitCode } = renderFailure(error.failure);
  process.stderr.write(text);
  process.exitCode = exitCode;
}
