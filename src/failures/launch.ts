import { printableLine } from '../core/text.js';
import { plural } from '../core/words.js';
import { type Message, q, type Words } from './message.js';

/** Failures of starting, resuming and repeating runs. */
export type LaunchFailure =
  | { readonly reason: 'submit-here' }
  | { readonly reason: 'gpus-missing'; readonly wanted: number; readonly visible: readonly string[] }
  | {
      readonly reason: 'cpus-missing';
      readonly each: number;
      readonly parallel: number;
      readonly available: number;
    }
  | {
      readonly reason: 'dependency-unusable';
      readonly id: number;
      readonly why: 'elsewhere' | 'unsubmitted' | 'lost';
      /** Where the run is: the name of its engine and its cluster. Undefined for a run of this machine. */
      readonly its: { readonly engine: string; readonly cluster: string | undefined } | undefined;
      readonly engine: string;
      readonly cluster: string | undefined;
    }
  | { readonly reason: 'forced-id-many-runs'; readonly id: number; readonly count: number }
  | { readonly reason: 'run-alive'; readonly id: number }
  | { readonly reason: 'in-place-overrides'; readonly id: number; readonly override: string }
  | { readonly reason: 'foreign-run'; readonly id: number }
  | { readonly reason: 'rerun-elsewhere'; readonly id: number }
  | {
      readonly reason: 'failures-reached';
      readonly launch: string;
      /** How many runs have ended badly, and how many may. */
      readonly failed: number;
      readonly most: number;
      /** The command that goes on all the same. */
      readonly again: string;
    }
  | { readonly reason: 'no-such-launch'; readonly launch: string; readonly store: string }
  | { readonly reason: 'no-launches'; readonly store: string }
  /** `begun` is when it began, as text; undefined if that is not known. */
  | { readonly reason: 'launch-unrecorded'; readonly launch: string; readonly begun: string | undefined }
  | {
      readonly reason: 'launch-alive';
      readonly launch: string;
      readonly host: string;
      readonly pid: number;
      /** False if the process is on another host, so that mlx cannot see it. */
      readonly seen: boolean;
    };

/** The words of these failures. */
export const launchWords: Words<LaunchFailure> = {
  'submit-here': () => ({
    what: 'mlx submit is for an engine or the local queue, not for this process',
    remedy: 'say --scheduler ENGINE, or mlx --local submit …; mlx run -- COMMAND runs one now',
  }),
  'gpus-missing': (failure) => ({
    what: `each run is to have ${plural(failure.wanted, 'GPU')}, and ${failure.visible.length === 0 ? 'none is' : `only ${failure.visible.join(', ')} can be`} seen from here`,
    remedy: 'CUDA_VISIBLE_DEVICES says which can be seen; without it all /dev/nvidia0, 1, … are',
  }),
  'cpus-missing': (failure) => ({
    what: `${plural(failure.parallel, 'run')} at once with ${plural(failure.each, 'CPU')} each would be ${failure.parallel * failure.each}, and there ${failure.available === 1 ? 'is' : 'are'} ${failure.available} here`,
    remedy: 'lower --cpus or --parallel',
  }),
  'dependency-unusable': (failure) => dependencyUnusable(failure),
  'forced-id-many-runs': (failure) => ({
    what: `${plural(failure.count, 'run')} can't all continue in run ${failure.id}`,
    remedy: 'give one value for each key, or leave out the forced id',
  }),
  'run-alive': (failure) => ({
    what: `run ${failure.id} is still running`,
    remedy: 'wait for its end, or use another id',
  }),
  'in-place-overrides': (failure) => ({
    what: `a new attempt in place keeps the overrides of run ${failure.id}, found ${q(failure.override)}`,
    remedy: `leave out --in-place to make a new run: mlx rerun ${failure.id} ${printableLine(failure.override)}`,
  }),
  'foreign-run': (failure) => ({
    what: `run ${failure.id} was not made by mlx, so there is no record of its command`,
    remedy: 'launch it anew with mlx run',
  }),
  'failures-reached': (failure) => ({
    what: `${plural(failure.failed, 'run')} of launch @${failure.launch} ended badly, and --max-failures ${failure.most} allows no more`,
    remedy: `${failure.again} goes on with the rest; mlx resubmit failed tries these again`,
  }),
  'rerun-elsewhere': (failure) => ({
    what: `run ${failure.id} ran on this machine, and asks no engine for anything`,
    remedy: 'mlx show tells its command: give it to mlx run with --scheduler',
  }),
  'no-such-launch': (failure) => ({
    what: `there is no launch ${q(failure.launch)} in ${q(failure.store)}`,
    remedy: 'mlx show ID tells the launch of a run; without a name all unfinished ones are meant',
  }),
  'no-launches': (failure) => ({
    what: `there is no launch in ${q(failure.store)}`,
    remedy: 'mlx run makes one; --store DIR looks elsewhere',
  }),
  'launch-unrecorded': (failure) => ({
    what: `launch ${failure.launch}${failure.begun === undefined ? '' : ` of ${failure.begun}`} was ended before anything of it ran`,
    remedy: 'launch it again; mlx gc removes what there is of this one',
    exitCode: 1,
  }),
  'launch-alive': (failure) =>
    failure.seen
      ? {
          what: `launch ${failure.launch} is being carried out by process ${failure.pid} on ${printableLine(failure.host)}`,
          remedy: 'wait for it, or end it with Ctrl-C there',
        }
      : {
          what: `launch ${failure.launch} was carried out by process ${failure.pid} on ${printableLine(failure.host)}, which can't be seen from here`,
          remedy: 'resume it there, or add --force if that process is gone',
        },
};

function dependencyUnusable({
  id,
  why,
  its,
  engine,
  cluster,
}: Extract<LaunchFailure, { reason: 'dependency-unusable' }>): Message {
  const at = (engine: string, cluster: string | undefined) =>
    printableLine(cluster === undefined ? engine : `${engine}, cluster ${cluster},`);
  switch (why) {
    case 'elsewhere':
      return {
        what: `run ${id} ${its ? `is a job of ${at(its.engine, its.cluster)}` : 'is of this machine'} and jobs of ${at(engine, cluster)} can't wait for it`,
        remedy: `mlx wait ${id} && mlx run … waits for any run`,
      };
    case 'unsubmitted':
      return {
        what: `run ${id} was not submitted, so ${engine} knows nothing to wait for`,
        remedy: 'mlx resume submits what is left of its launch',
      };
    case 'lost':
      return {
        what: `run ${id} is lost, and may never end`,
        remedy: `mlx why ${id} tells more; mlx resubmit ${id} starts it again`,
      };
  }
}
