import type { ParsedArgs } from '../../../arguments/index.js';
import { jsonText, printableLine } from '../../../core/text.js';
import { fail } from '../../../failures/index.js';
import { checkup, type Finding } from '../../../runs/index.js';
import type { Io } from '../../grammar/command.js';
import { painter, type Style } from '../../output/style.js';
import { storeOf } from '../../selecting/store.js';
import type { DoctorOptions } from './spec.js';

const marks: Readonly<Record<Finding['state'], readonly [word: string, style: Style]>> = {
  ok: ['ok', 'green'],
  note: ['note', 'yellow'],
  bad: ['mend', 'red'],
};

/** `mlx doctor`: prints for each check that all is well, or what to do. Resolves to 1 if a check failed. */
export async function run({ positionals, options }: ParsedArgs<DoctorOptions>, io: Io): Promise<number> {
  const [extra] = positionals;
  if (extra !== undefined) fail({ reason: 'unexpected-argument', argument: extra, command: 'doctor' });
  const findings = await checkup({ store: await storeOf(options, io.cwd), cwd: io.cwd, path: io.env['PATH'] ?? '' });
  const code = findings.some(({ state }) => state === 'bad') ? 1 : 0;
  if (options.json) {
    io.stdout.write(`${jsonText(findings)}\n`);
    return code;
  }
  const paint = painter(io.stdout, io.env);
  for (const { about, state, found, remedy } of findings) {
    const [word, style] = marks[state];
    const line = `${paint(style, word.padEnd(4))}  ${about.padEnd(8)}  ${printableLine(found)}`;
    io.stdout.write(`${line}${remedy === undefined ? '' : `\n                ${printableLine(remedy)}`}\n`);
  }
  return code;
}
