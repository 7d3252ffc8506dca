import { nearest } from '../../core/suggest.js';
import { fail } from '../../failures/index.js';
import type { Waiting } from '../../launch/index.js';
import { dependencyRuns } from '../../runs/index.js';
import type { Io, ParsedArgs } from '../grammar/command.js';
import { refuseTogether } from '../grammar/parse-args.js';
import { waitOptions } from './job-options.js';

/**
 * What the runs of a launch are to wait for. `--after` means an end that is good, save where `--on-dependency-failure run` says that any
 * will do; jman's `--dependencies` any end, as its Grid Engine has it. Throws what `dependencyRuns` throws.
 */
export function waitingOf(parsed: ParsedArgs, store: string, io: Io, chain = false): Waiting {
  refuseTogether(parsed, 'after-fail', 'on-dependency-failure');
  const runsOf = (...options: string[]) => [
    ...new Set(options.flatMap((option) => parsed.list(option)).flatMap((word) => dependencyRuns(store, word, io.cwd))),
  ];
  const good = runsOf('after', 'after-ok');
  const ended = runsOf('after-any', 'dependencies');
  const bad = runsOf('after-fail');
  const whenFailed = parsed.text('on-dependency-failure');
  if (whenFailed !== undefined && good.length === 0) {
    fail({
      reason: 'bad-option-value',
      option: '--on-dependency-failure',
      value: whenFailed,
      expected: 'to stand beside --after',
      near: nearest('after', waitOptions),
    });
  }
  const after =
    whenFailed === 'run' ? { ok: [], any: [...good, ...ended], fail: bad } : { ok: good, any: ended, fail: bad };
  return { after, chain };
}
