// Loaded before mlx (node --require): counts its calls on files below MLX_FAULT_ROOT, and at call MLX_FAULT_AT does what
// MLX_FAULT_KIND says: `kill` (SIGKILL before the call), `torn` (SIGKILL when half is written), or throws that errno (`ENOSPC`),
// once or with MLX_FAULT_FOREVER from then on. Where mlx lives to its end, the count goes to MLX_FAULT_COUNT.
const fs = require('node:fs');
const childProcess = require('node:child_process');

const { MLX_FAULT_ROOT: root, MLX_FAULT_AT: at, MLX_FAULT_KIND: kind, MLX_FAULT_FOREVER: forever } = process.env;
const ours = new Set();
let count = 0;
const original = { ...fs };
const die = () => {
  process.kill(process.pid, 'SIGKILL');
  // The signal comes when the kernel likes; nothing may happen meanwhile.
  for (;;) {}
};

function failNow(call, path) {
  count++;
  if (count !== Number(at) && !(forever && count > Number(at))) return;
  if (kind === 'kill') die();
  if (kind === 'torn') return 'torn';
  throw Object.assign(new Error(`${kind}: injected, ${call} '${path}'`), { code: kind, syscall: call, path });
}

const within = (path) => typeof path === 'string' && path.startsWith(root);
const isErrno = kind !== 'kill' && kind !== 'torn';

function wrap(name, counts) {
  const real = fs[name];
  fs[name] = (...args) => {
    const [target] = args;
    const mine = typeof target === 'number' ? ours.has(target) : within(target);
    if (mine && counts(...args)) {
      if (failNow(name, target) === 'torn') {
        const bytes = Buffer.from(args[1]);
        real(target, bytes.subarray(0, bytes.length >> 1));
        die();
      }
    }
    const result = real(...args);
    if (name === 'openSync' && mine) ours.add(result);
    if (name === 'closeSync') ours.delete(target);
    return result;
  };
}

const always = () => true;
const unlessTorn = () => kind !== 'torn';
const forWriting = (_path, flags) => isErrno || (unlessTorn() && flags !== undefined && flags !== 'r');
for (const name of ['writeFileSync', 'writeSync']) wrap(name, always);
for (const name of ['mkdirSync', 'renameSync', 'unlinkSync', 'rmSync', 'cpSync', 'chmodSync', 'fsyncSync']) {
  wrap(name, unlessTorn);
}
wrap('openSync', forWriting);
wrap('closeSync', () => false);
if (isErrno)
  for (const name of ['readFileSync', 'readdirSync', 'readSync', 'statSync', 'fstatSync', 'accessSync'])
    wrap(name, always);

const { spawn } = childProcess;
childProcess.spawn = (...args) => {
  if (unlessTorn()) failNow('spawn', args[0]);
  const child = spawn(...args);
  const { write } = child.stdin ?? {};
  if (write) {
    child.stdin.write = (...words) => {
      if (kind === 'kill') failNow('stdin.write', '');
      return write.apply(child.stdin, words);
    };
  }
  return child;
};

process.on('exit', () => {
  if (process.env.MLX_FAULT_COUNT) original.writeFileSync(process.env.MLX_FAULT_COUNT, String(count));
});
