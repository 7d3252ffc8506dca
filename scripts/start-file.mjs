// The first lines of dist/cli/mlx.cjs and mlxsub.cjs, for two readers: a shell, which starts Node, and Node.

/**
 * What `/bin/sh` does, in a line that JavaScript takes for a string and a comment. Node sets every signal that
 * its parent ignores back to its default before any of our code runs, so the shell reads which they are: SigIgn
 * of proc(5), a mask in hexadecimal. Without /proc nothing is passed on.
 */
const shell =
  '":" //; MLX_IGNORED_SIGNALS=; ' +
  '[ ! -r /proc/$$/status ] || while read -r k v; do [ "$k" != SigIgn: ] || MLX_IGNORED_SIGNALS=$v; done < /proc/$$/status; ' +
  'export MLX_IGNORED_SIGNALS; exec node "$0" "$@"';

/**
 * Returns the lines below `#!/bin/sh`. They tell an older Node what is needed before it meets anything that
 * it can't read: syntax and functions of Node 10 only.
 */
export function startFile(oldest) {
  const [major, minor] = oldest.split('.').map(Number);
  return `${shell}
'use strict';
(function () {
  var version = process.versions.node, parts = version.split('.');
  if (Number(parts[0]) > ${major} || (Number(parts[0]) === ${major} && Number(parts[1]) >= ${minor})) return;
  process.stderr.write('mlx needs Node ${oldest} or newer; this is ' + version + ' (' + process.execPath + ')\\n');
  process.exit(2);
})();
var mlxModuleUrl = require('url').pathToFileURL(__filename).href;`;
}
