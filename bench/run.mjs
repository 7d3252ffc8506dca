// npm run bench: each figure is a ratio of medians of runs that were interleaved in this one session, since the speed of a
// machine changes from minute to minute. Options: --quick (fewer repetitions), or the names of sections.
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { status, submission } from './cluster.mjs';
import { config } from './config.mjs';
import { management, queue } from './jobs.mjs';
import { query } from './query.mjs';
import { startup } from './startup.mjs';
import { creation, listing, metrics } from './store.mjs';
import { sweep } from './sweep.mjs';
import { memory, throughput } from './throughput.mjs';
import { version } from './version.mjs';

const sections = {
  startup,
  sweep,
  config,
  throughput,
  memory,
  creation,
  listing,
  metrics,
  query,
  submission,
  status,
  version,
  queue,
  management,
};
const words = process.argv.slice(2);
const quick = words.includes('--quick');
const wanted = words.filter((word) => !word.startsWith('-'));

console.log(
  `node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ${spawnSync('uname', ['-sr']).stdout.toString().trim()}\n`,
);
console.log('| what | beside | ratio | wanted |\n| --- | --- | --- | --- |');
for (const [name, section] of Object.entries(sections)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for await (const { what, beside, ratio, goal } of section({ quick })) {
    console.log(`| ${what} | ${beside} | ${ratio} | ${goal} |`);
  }
}
