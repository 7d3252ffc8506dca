// Stands for engines that no package has here: OpenPBS, TORQUE, LSF and Moab, as their output was recorded from a real OpenPBS, and
// as the man pages of the others have it. Jobs really run, at once; those of PBS keep to `%N` of an array and to `depend=afterany`. The name by which it is called tells the command; its state is in
// RECORDED_ENGINE. Only what mlx uses is there.
import { spawn } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const state = process.env.RECORDED_ENGINE ?? '.';
const dialect = process.env.RECORDED_DIALECT;
const jobs = join(state, 'jobs');
mkdirSync(jobs, { recursive: true });

const refuse = (words, code) => {
  process.stderr.write(`${words}\n`);
  process.exit(code);
};
const say = (text) => process.stdout.write(`${text}\n`);

/** Writes a job so that it is never read half written. */
function save(file, job) {
  writeFileSync(`${file}.${process.pid}.tmp`, JSON.stringify(job));
  renameSync(`${file}.${process.pid}.tmp`, file);
}

/** The options of a script's header as words; quotes hold words together. */
function header(text, marker) {
  const options = [];
  for (const line of text.split('\n')) {
    if (line.startsWith(`${marker} `)) options.push(...words(line.slice(marker.length + 1)));
    else if (line !== '' && !line.startsWith('#')) break;
  }
  return options;
}

const words = (line) =>
  [...line.matchAll(/"([^"]*)"(\S*)|(\S+)/g)].map(([, quoted, rest, bare]) => bare ?? quoted + rest);
const option = (options, name) => {
  const i = options.lastIndexOf(name);
  return i === -1 ? undefined : options[i + 1];
};

/** Lets a job wait for its turn, which may have come. */
function enter(job) {
  save(join(jobs, `${job.key}.json`), { ...job, state: 'Q' });
  startWaiting();
}

/** Starts the jobs whose turn has come; one process at a time. */
function startWaiting() {
  const lock = join(state, 'lock');
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
  for (const job of all().filter((one) => one.state === 'Q')) {
    const now = all();
    const isOpen = (id) => now.some((one) => (one.id === id || `${one.array}[].pbs` === id) && one.state !== 'ended');
    const running = now.filter((one) => one.array !== undefined && one.array === job.array && one.state === 'R');
    if (!job.after.some(isOpen) && running.length < job.atOnce) start(job);
  }
  rmdirSync(lock);
}

/** Starts a job as this id, its output appended to files; a runner that outlives this command keeps its end. */
function start(job) {
  const file = join(jobs, `${job.key}.json`);
  save(file, { ...job, state: 'R' });
  const runner = spawn(process.execPath, [fileURLToPath(import.meta.url), 'run', file], {
    detached: true,
    stdio: 'ignore',
  });
  runner.unref();
}

function runJob(file) {
  const job = JSON.parse(readFileSync(file, 'utf8'));
  const mode = 0o666 & ~Number.parseInt(job.umask ?? '22', 8);
  const out = openSync(job.stdout, 'a', mode);
  const err = openSync(job.stderr, 'a', mode);
  // PBS starts jobs with this umask, whatever they ask for their output.
  process.umask(job.umask === undefined ? 0o22 : 0o77);
  const child = spawn('bash', [job.script], {
    cwd: process.env.HOME,
    env: { ...(job.inherits ? process.env : { HOME: process.env.HOME, PATH: '/usr/bin:/bin' }), ...job.env },
    stdio: ['ignore', out, err],
    detached: true,
  });
  save(file, { ...job, state: 'R', pid: child.pid });
  closeSync(out);
  closeSync(err);
  child.on('exit', (code, signal) => {
    const now = JSON.parse(readFileSync(file, 'utf8'));
    const exit = signal ? 128 + { SIGTERM: 15, SIGKILL: 9 }[signal] : code;
    save(file, { ...now, state: 'ended', exit });
    startWaiting();
  });
}

const all = () =>
  readdirSync(jobs)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(jobs, name), 'utf8')));
const last = readdirSync(jobs).length;
const nextNumber = () => {
  const used = all().map(({ number }) => number);
  return Math.max(last, ...used) + 1;
};

/** What each says when a user has as many jobs as are allowed; each task of an array counts. */
const atLimit = {
  pbs: () => refuse("qsub: would exceed complex's per-user limit", 38),
  torque: () =>
    refuse(
      "qsub: submit error (Maximum number of jobs already in queue MSG=total number of current user's jobs exceeds the queue limit: user ada@login, queue batch)",
      182,
    ),
  lsf() {
    process.stderr.write('User <ada>: Pending job threshold reached. Retrying in 60 seconds...\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
  },
  mwm: () => refuse('ERROR:    cannot submit job - violates MAXJOB limit of 3 for user ada', 1),
};

function submit({ script, options, env, inherits = false, umask, id, taskId, names }) {
  const tasks = Number(/\[?1-(\d+)/.exec(names.range ?? '')?.[1] ?? 1);
  const open = all().filter((job) => job.state !== 'ended').length;
  if (open + tasks > Number(process.env.RECORDED_MAX_JOBS ?? Number.POSITIVE_INFINITY)) atLimit[dialect]();
  const number = nextNumber();
  const copy = join(state, `${number}.SC`);
  writeFileSync(copy, readFileSync(script));
  const stdout = option(options, '-o') ?? '/dev/null';
  const stderr = option(options, '-e') ?? '/dev/null';
  const base = {
    number,
    script: copy,
    stdout,
    stderr,
    inherits,
    umask,
    token: env.MLX_TOKEN,
    name: option(options, '-N') ?? '',
  };
  const [, count, , atOnce] = /\[?1-(\d+)\]?(%(\d+))?/.exec(names.range ?? '') ?? [];
  base.after = (/depend=afterany:(\S+)/.exec(options.join(' '))?.[1] ?? '').split(':').filter((id) => id !== '');
  base.atOnce = atOnce === undefined ? Number.MAX_SAFE_INTEGER : Number(atOnce);
  if (count === undefined) {
    enter({ ...base, key: id(number), id: id(number), env: { ...env, [names.id]: id(number) } });
    return number;
  }
  for (let i = 1; i <= Number(count); i++) {
    const key = taskId(number, i);
    enter({
      ...base,
      key,
      id: key,
      array: number,
      env: { ...env, [names.id]: names.base?.(number) ?? key, [names.index]: String(i) },
    });
  }
  return number;
}

/** Ends jobs as qdel does: TERM, and KILL if that was not heard. */
function cancel(ids) {
  for (const id of ids) {
    const found = all().filter((job) => job.id === id || job.key === id);
    if (found.length === 0) process.stderr.write(`Unknown Job Id ${id}\n`);
    for (const job of found) {
      if (job.state === 'ended') continue;
      const waits = job.state === 'Q';
      save(join(jobs, `${job.key}.json`), { ...job, ...(waits && { state: 'ended', exit: 271 }), deleted: true });
      if (waits) startWaiting();
      if (job.pid) process.kill(-job.pid, 'SIGTERM');
    }
  }
}

const [, called, ...args] = process.argv;
const command = args[0] === 'run' ? 'run' : basename(called).replace(/\.mjs$/, '');
if (dialect === undefined && command !== 'run') refuse('RECORDED_DIALECT is not set', 1);

const commands = {
  run: () => runJob(args[1]),
  qsub() {
    if (args[0] === '-help') refuse('qsub -help submits a held job', 99);
    const script = args.at(-1);
    const options = [...header(readFileSync(script, 'utf8'), '#PBS'), ...args.slice(0, -1)];
    if (/[^A-Za-z0-9._+-]/.test(option(options, '-N') ?? '')) refuse('qsub: illegal -N value\nusage: qsub …', 2);
    if (/[^ -~]/.test(option(options, '-e') ?? '')) refuse('qsub: illegal -e value\nusage: qsub …', 2);
    if (option(options, '-q') === 'nosuch') refuse('qsub: Unknown queue', 170);
    const env = Object.fromEntries((option(options, '-v') ?? '').split(',').map((pair) => pair.split('=')));
    const range = option(options, dialect === 'pbs' ? '-J' : '-t');
    if (range === '1-1') refuse('qsub: illegal -J value\nusage: qsub …', 2);
    const number = submit({
      script,
      options,
      env,
      umask: options.map((word) => /\bumask=([0-7]+)/.exec(word)?.[1]).find(Boolean) ?? '77',
      id: (n) => `${n}.pbs`,
      taskId: (n, i) => `${n}[${i}].pbs`,
      names: { id: 'PBS_JOBID', index: dialect === 'pbs' ? 'PBS_ARRAY_INDEX' : 'PBS_ARRAYID', range },
    });
    return say(range === undefined ? `${number}.pbs` : `${number}[].pbs`);
  },
  qstat() {
    if (args[0] === '--version') return say(dialect === 'pbs' ? 'pbs_version = 23.06.06' : 'Version: 6.1.2');
    if (args[0] === '-help') refuse("qstat: invalid option -- 'h'\nusage:", 2);
    if (dialect === 'torque') {
      for (const job of all()) {
        const lines = [
          `Job Id: ${job.id}`,
          `    Job_Name = ${job.name}`,
          `    job_state = ${job.state === 'ended' ? 'C' : 'R'}`,
        ];
        if (job.state === 'ended') lines.push(`    exit_status = ${job.deleted ? 271 : job.exit}`);
        say(`${[...lines, `    Variable_List = PBS_O_HOME=/home/ada,\n\tMLX_TOKEN=${job.token}`].join('\n')}\n`);
      }
      return undefined;
    }
    if (args[0] === '-B') return say(`    max_array_size = ${process.env.RECORDED_ARRAY_TASKS ?? 10000}`);
    if (args.includes('-x') && process.env.RECORDED_NO_HISTORY) {
      return process.stderr.write('PBS is not configured to maintain job history\n');
    }
    const shown = all().filter(({ state }) => args.includes('-x') || state !== 'ended');
    const entry = (job) => ({
      Job_Name: job.name,
      job_state: { ended: 'F', R: 'R' }[job.state] ?? (job.after.length > 0 ? 'H' : 'Q'),
      ...(job.after.length > 0 && { Hold_Types: 's', depend: `afterany:${job.after.join(':')}` }),
      ...(job.state === 'ended' && { substate: job.deleted ? 91 : 92, Exit_status: job.deleted ? 271 : job.exit }),
      Variable_List: { MLX_TOKEN: job.token },
    });
    const listed = Object.fromEntries(shown.map((job) => [job.id, entry(job)]));
    return say(JSON.stringify({ timestamp: 1, pbs_version: '23.06.06', ...(shown.length > 0 && { Jobs: listed }) }));
  },
  qdel: () => cancel(args),
  bsub() {
    const script = readFileSync(0, 'utf8');
    const file = join(state, `stdin.${process.pid}`);
    writeFileSync(file, script);
    const options = [...header(script, '#BSUB'), ...args];
    if (option(options, '-q') === 'nosuch') refuse('nosuch: No such queue. Job not submitted.', 255);
    const range = /\[(1-\d+)\]/.exec(option(options, '-J') ?? '')?.[1];
    const number = submit({
      script: file,
      options,
      inherits: true,
      env: { MLX_TOKEN: process.env.MLX_TOKEN ?? '' },
      id: (n) => String(n),
      taskId: (n, i) => `${n}[${i}]`,
      names: { id: 'LSB_JOBID', index: 'LSB_JOBINDEX', range, base: String },
    });
    return say(`Job <${number}> is submitted to default queue <normal>.`);
  },
  bjobs() {
    if (args.some((word) => word.includes('job_description'))) {
      return all()
        .filter(({ state }) => state !== 'ended')
        .forEach((job) => void say(`${job.number}|mlx:${job.token}`));
    }
    if (all().length === 0) return process.stderr.write('No job found\n');
    return all().forEach((job) => {
      const index = /\[(\d+)\]/.exec(job.id)?.[1] ?? '0';
      const stat = job.state !== 'ended' ? 'RUN' : job.exit === 0 ? 'DONE' : 'EXIT';
      const reason = job.deleted ? 'TERM_OWNER: job killed by owner' : '-';
      say(`${job.number}|${index}|${stat}|${job.exit || '-'}|${reason}|-`);
    });
  },
  bkill: () => cancel(args),
  bparams: () => say('MAX_JOB_ARRAY_SIZE = 1000'),
  msub() {
    const script = args.at(-1);
    const options = [...header(readFileSync(script, 'utf8'), '#MSUB'), ...args.slice(0, -1)];
    if (option(options, '-q') === 'nosuch') refuse("ERROR:    invalid class 'nosuch' requested", 1);
    const env = Object.fromEntries((option(options, '-v') ?? '').split(',').map((pair) => pair.split('=')));
    const number = submit({
      script,
      options,
      env,
      id: (n) => `Moab.${n}`,
      taskId: (n, i) => `Moab.${n}[${i}]`,
      names: { id: 'MOAB_JOBID', index: 'MOAB_JOBARRAYINDEX', range: option(options, '-t') },
    });
    return say(`\nMoab.${number}`);
  },
  showq() {
    const done = args.includes('-c');
    const lines = all()
      .filter((job) => (job.state === 'ended') === done)
      .map((job) => {
        const code = job.deleted ? 'CNCLD' : job.exit;
        const end = done ? ` CompletionCode="${code}"` : '';
        return `<job JobID="${job.id}" JobName="${job.name}" State="${done ? 'Completed' : 'Running'}"${end}></job>`;
      });
    return say(`<Data><Object>queue</Object>${lines.join('')}</Data>`);
  },
  canceljob: () => cancel(args),
};
const known = commands[command];
if (known === undefined) refuse(`${command}: nothing is recorded of it`, 1);
else known();
