import { closeSync, fstatSync, openSync, statfsSync, unlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { errnoCode } from '../core/errno.js';
import { probeCommand } from '../core/probe.js';
import { detectEngines } from '../engines/index.js';
import { recordProblemText } from '../failures/index.js';
import { listInterruptedLaunches, listRunIds, readRun } from '../store/index.js';

/** The result of one check, in words for the user. */
export interface Finding {
  readonly about: string;
  readonly state: 'ok' | 'note' | 'bad';
  readonly found: string;
  /** How to fix it. */
  readonly remedy?: string;
}

interface CheckupRequest {
  readonly store: string;
  readonly cwd: string;
  /** The `PATH` in which engines are looked for. */
  readonly path: string;
}

/** Checks all that a launch needs: tools, store, disk, clock, engines. Leaves no files behind. */
export async function checkup(request: CheckupRequest): Promise<Finding[]> {
  return [...(await tools(request.cwd)), ...(await engines(request.path)), ...storeFindings(request.store)];
}

const tooOld = (version: string | undefined, major: number, minor: number): boolean => {
  const [, a = '0', b = '0'] = /(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  return Number(a) < major || (Number(a) === major && Number(b) < minor);
};

async function tools(cwd: string): Promise<Finding[]> {
  const [bash, python, python3, git] = await Promise.all([
    probeCommand(['bash', '--version'], cwd),
    probeCommand(['python', '--version'], cwd),
    probeCommand(['python3', '--version'], cwd),
    probeCommand(['git', '--version'], cwd),
  ]);
  const interpreter = python ?? python3;
  return [
    tooOld(process.version, 20, 19)
      ? { about: 'node', state: 'bad', found: process.version, remedy: 'install Node 20.19 or later' }
      : { about: 'node', state: 'ok', found: process.version },
    tooOld(bash, 4, 2)
      ? { about: 'bash', state: 'bad', found: bash ?? 'not on PATH', remedy: 'runs need bash 4.2 or later on PATH' }
      : { about: 'bash', state: 'ok', found: bash ?? '' },
    interpreter === undefined
      ? {
          about: 'python',
          state: 'note',
          found: 'neither python nor python3 is on PATH',
          remedy: 'activate an environment to run .py programs',
        }
      : tooOld(interpreter, 3, 8)
        ? { about: 'python', state: 'note', found: interpreter, remedy: 'mlxrun.py needs Python 3.8 or later' }
        : { about: 'python', state: 'ok', found: interpreter },
    git === undefined
      ? { about: 'git', state: 'note', found: 'not on PATH', remedy: 'without it no launch records its commit' }
      : { about: 'git', state: 'ok', found: git },
  ];
}

async function engines(path: string): Promise<Finding[]> {
  const present = await detectEngines(path);
  if (present.length === 0) return [{ about: 'engines', state: 'ok', found: 'here; no batch engine on PATH' }];
  const found = present.map(({ names: [name], title, detect }) => `${name} (${title}, ${detect.command})`).join(', ');
  return [{ about: 'engines', state: 'ok', found: `here, ${found}` }];
}

function storeFindings(store: string): Finding[] {
  const ids = listRunIds(store);
  if (!ids) return [{ about: 'store', state: 'ok', found: `${store} is not there yet; the first run makes it` }];
  return [...writing(store), ...disk(store), ...runs(store, ids), ...launches(store)];
}

/** Clocks may differ by this many seconds. */
const clockTolerance = 5;

/** Checks whether the store can be written to, and whether its clock agrees with this host's. */
function writing(store: string): Finding[] {
  const probe = join(store, `.doctor.${hostname()}.${process.pid}`);
  try {
    const before = Date.now();
    const file = openSync(probe, 'wx');
    const { mtimeMs } = fstatSync(file);
    closeSync(file);
    unlinkSync(probe);
    const ahead = (mtimeMs - before) / 1000;
    const clock: Finding =
      Math.abs(ahead) <= clockTolerance
        ? { about: 'clock', state: 'ok', found: 'the store and this host agree' }
        : {
            about: 'clock',
            state: 'bad',
            found: `the store's clock is ${Math.abs(ahead).toFixed(0)} s ${ahead > 0 ? 'ahead of' : 'behind'} this host's`,
            remedy: 'set the clocks (NTP); until then times of runs on different hosts do not agree',
          };
    return [{ about: 'store', state: 'ok', found: `${store} can be written to` }, clock];
  } catch (error) {
    const found = `${store} can not be written to (${errnoCode(error) ?? error})`;
    return [
      {
        about: 'store',
        state: 'bad',
        found,
        remedy: 'runs can be read there, not made; --store DIR takes another directory',
      },
    ];
  }
}

const gibibyte = 2 ** 30;
const fewFiles = 10_000;

function disk(store: string): Finding[] {
  const { bavail, bsize, files, ffree } = statfsSync(store);
  const free = bavail * bsize;
  // Some file systems do not limit the number of files, and report 0.
  const scarce = files > 0 && ffree < fewFiles;
  const found = `${(free / gibibyte).toFixed(1)} GiB free${files > 0 ? `, room for ${ffree} files` : ''}`;
  return free < gibibyte || scarce
    ? [
        {
          about: 'disk',
          state: 'bad',
          found,
          remedy: 'make room: a run takes a dozen files and what its program writes',
        },
      ]
    : [{ about: 'disk', state: 'ok', found }];
}

function runs(store: string, ids: readonly number[]): Finding[] {
  const all = ids.flatMap((id) => readRun(store, id) ?? []);
  const incomplete = all.filter(({ kind }) => kind === 'incomplete');
  const damaged = all.filter((run) => run.kind === 'damaged');
  const lost = all.filter((run) => run.kind === 'run' && run.status.status === 'LOST');
  return [
    { about: 'runs', state: 'ok', found: `${all.length}` },
    ...damaged.map(
      ({ path, problem }): Finding => ({
        about: 'runs',
        state: 'bad',
        found: `${path}: ${recordProblemText(problem)}`,
        remedy: problem.kind === 'denied' ? 'ask its owner for permission' : 'mend it from a backup, or remove the run',
      }),
    ),
    ...(incomplete.length === 0
      ? []
      : [
          {
            about: 'runs',
            state: 'bad',
            found: `${incomplete.length} never completed (${idsText(incomplete)})`,
            remedy: 'mlx gc removes them',
          } as const,
        ]),
    ...(lost.length === 0
      ? []
      : [
          {
            about: 'runs',
            state: 'bad',
            found: `${lost.length} lost (${idsText(lost)})`,
            remedy: 'mlx resume or mlx rerun ID --in-place starts them again',
          } as const,
        ]),
  ];
}

function idsText(some: readonly { readonly id: number }[]): string {
  const ids = some.slice(0, 5).map(({ id }) => id);
  return some.length > ids.length ? `${ids.join(', ')}, …` : ids.join(', ');
}

function launches(store: string): Finding[] {
  return listInterruptedLaunches(store).map((launch) => ({
    about: 'launches',
    // The interruption may have been intended.
    state: 'note',
    found: `@${launch} was interrupted`,
    remedy: `mlx resume @${launch} finishes it`,
  }));
}
