import { optionText, refuseTogether } from '../arguments/index.js';
import { nearest } from '../core/suggest.js';
import { fail } from '../failures/index.js';
import { type TargetOptions, type Waiting, waitingKeys } from '../launch/index.js';
import { dependencyRuns } from './select.js';

/** The options that name the runs to wait for; `dependencies` is jman's. */
type WaitingOptions = Pick<TargetOptions, (typeof waitingKeys)[number]> & {
  readonly dependencies?: readonly string[];
};

/**
 * Returns the runs that a launch waits for. `--after` waits for runs to end well; with
 * `--on-dependency-failure run` any end will do. jman's `--dependencies` waits for any end, as its Grid
 * Engine does. Throws what `dependencyRuns` throws, `options-exclude` or `bad-option-value`.
 */
export function waitingOf(
  options: WaitingOptions,
  { store, cwd, chain = false }: { readonly store: string; readonly cwd: string; readonly chain?: boolean },
): Waiting {
  refuseTogether(options, 'afterFail', 'onDependencyFailure');
  const runsOf = (words: readonly string[]) => [...new Set(words.flatMap((word) => dependencyRuns(store, word, cwd)))];
  const good = runsOf([...(options.after ?? []), ...(options.afterOk ?? [])]);
  const ended = runsOf([...(options.afterAny ?? []), ...(options.dependencies ?? [])]);
  const bad = runsOf(options.afterFail ?? []);
  const whenFailed = options.onDependencyFailure;
  if (whenFailed !== undefined && good.length === 0) {
    fail({
      reason: 'bad-option-value',
      option: '--on-dependency-failure',
      value: whenFailed,
      expected: 'to stand beside --after',
      near: nearest('after', waitingKeys.map(optionName)),
    });
  }
  const after =
    whenFailed === 'run' ? { ok: [], any: [...good, ...ended], fail: bad } : { ok: good, any: ended, fail: bad };
  return { after, chain };
}

const optionName = (key: string) => optionText(key).replace(/^--/, '');
