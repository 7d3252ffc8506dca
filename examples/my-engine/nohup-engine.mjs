// An engine of your own: jobs are processes on this machine that outlive the login, started with setsid. It shows all that an
// engine is: text in, text out. Use it with
//
//     mlx run train.py lr=1e-3,1e-2 --scheduler ./nohup-engine.mjs
//
// or name it in configs/mlx.yaml: scheduler: { name: ./nohup-engine.mjs }. To run jobs on another machine that shares your
// home directory, put 'ssh', 'host' before 'bash' in the commands below, and quote the words behind it for the shell there.
import { fileURLToPath } from 'node:url';

const helper = fileURLToPath(new URL('nohup.sh', import.meta.url));

/** @type {import('mlx').BatchEngine} */
export const engine = {
  names: ['nohup'],
  title: 'nohup',
  marker: '#NOHUP',
  detect: { command: 'bash' },
  idVariable: 'NOHUP_JOB',
  // It has no arrays: mlx asks for one only with --array always, or for more than 32 jobs, unless --array never is said.
  task: { index: '"$NOHUP_TASK"', jobId: '"$NOHUP_JOB"' },
  reservedExitCodes: [],
  nativeOptions: {},

  canWriteTo: () => true,
  nameOf: (name) => name,
  directives: ({ name, stdout, stderr, options }) =>
    [`name ${name}`, `stdout ${stdout}`, `stderr ${stderr}`, ...options].map((line) => `#NOHUP ${line}`),
  restartsGetNewIds: () => false,

  submission: ({ script, stdout, stderr, token, array }) => ({
    argv: [
      'bash',
      helper,
      'submit',
      script,
      stdout ?? '/dev/null',
      stderr ?? '/dev/null',
      token,
      String(array?.count ?? 0),
    ],
  }),
  readSubmission({ exitCode, stdout, stderr }) {
    const [jobId = ''] = stdout.trim().split('\n');
    if (exitCode === 0 && /^\d+\.\d+$/.test(jobId)) return { kind: 'accepted', jobId };
    return { kind: 'refused', words: stderr.trim() };
  },
  // An array's tasks are told apart by their number.
  taskPattern: (jobId) => `${jobId}:{task}`,

  // Jobs whose submission was not answered: by the token in their command line.
  find: [
    {
      command: () => ({ argv: ['bash', helper, 'find'] }),
      read: ({ exitCode, stdout }) =>
        exitCode === 0
          ? new Map([...stdout.matchAll(/^(\w+) (\S+)$/gm)].map(([, token = '', jobId = '']) => [token, jobId]))
          : undefined,
    },
  ],
  // What lives; how a run ended its own records tell.
  polls: [
    {
      command: (jobIds) => ({ argv: ['bash', helper, 'poll', ...jobIds] }),
      read: ({ exitCode, stdout }) =>
        exitCode === 0
          ? new Map(
              [...stdout.matchAll(/^(\S+) alive$/gm)].map(([, jobId = '']) => [
                jobId,
                { state: 'running', word: 'alive' },
              ]),
            )
          : undefined,
    },
  ],
  details: [],
  cancel: (jobIds) => ({ argv: ['bash', helper, 'cancel', ...jobIds] }),
  hold: () => undefined,
  release: () => undefined,
  requeue: () => undefined,
  isHarmless: () => false,
  limits: [],
};
