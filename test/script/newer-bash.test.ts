import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { newerThanBash42 } from '../../scripts/newer-bash.mjs';

/** Lines that bash 4.2 would refuse, or read otherwise, and the version that brought what they use. */
const newer: readonly [line: string, since: string][] = [
  ['local -n reference=$1', '4.3'],
  ['declare -n reference=name', '4.3'],
  ['declare -g -n reference=name', '4.3'],
  ['typeset -rn reference=name', '4.3'],
  ['unset -n reference', '4.3'],
  ['wait -n', '4.3'],
  ['wait -n "$one" "$other"', '4.3'],
  ['list[-1]=last', '4.3'],
  ['true && list[-1]+=last', '4.3'],
  ["unset 'list[-1]'", '4.3'],
  ['[[ -v list[1] ]]', '4.3'],
  ['if test -v "list[1]"; then', '4.3'],
  ['[[ -R reference ]]', '4.3'],
  ["printf -v now '%(%s)T'", '4.3'],
  ["printf '%(%H:%M)T'; true", '4.3'],
  ['cd -@ directory', '4.3'],
  ['BASH_COMPAT=4.2', '4.3'],
  ['shopt -s globasciiranges', '4.3'],
  ['echo "${name@Q}"', '4.4'],
  ['echo "${list[@]@A}"', '4.4'],
  ['echo "${@@Q}"', '4.4'],
  ['echo ${*@E}', '4.4'],
  ['echo ${name@U}', '4.4'],
  ["mapfile -d '' files", '4.4'],
  ["mapfile -t -d '' files", '4.4'],
  ["readarray -td '' files", '4.4'],
  ['local -', '4.4'],
  ['shopt -s inherit_errexit', '4.4'],
  ['EXECIGNORE=*.old', '4.4'],
  ['set -u', '4.4'],
  ['set -euo pipefail', '4.4'],
  ['set -o nounset', '4.4'],
  ['echo $EPOCHSECONDS', '5.0'],
  ['echo "$EPOCHREALTIME"', '5.0'],
  ['echo "${EPOCHREALTIME/,/.}"', '5.0'],
  ['BASH_ARGV0=name', '5.0'],
  ['wait -f "$pid"', '5.0'],
  ['shopt -s localvar_inherit', '5.0'],
  ['echo $SRANDOM', '5.1'],
  ['local -I name', '5.1'],
  ['wait -p pid -n', '5.1'],
  ['ulimit -R 5', '5.1'],
  ['declare -A map=(one 1 two 2)', '5.1'],
  ['shopt -u patsub_replacement', '5.2'],
  ['shopt -s array_expand_once', '5.3'],
  ['words=${ date; }', '5.3'],
  ['words=${| REPLY=x; }', '5.3'],
  ['GLOBSORT=size', '5.3'],
  ['echo $BASH_MONOSECONDS', '5.3'],
];

const old: readonly string[] = [
  'local name value',
  'declare -g name=value',
  'declare -A map=([one]=1)',
  'local -r constant=1',
  'unset name',
  'unset -v name',
  'wait "$pid"',
  'echo "${list[-1]}"',
  'if [ -v name ]; then',
  "printf -v now '%(%s)T' -1",
  'printf \'%s\\n\' "$name"',
  'echo "${!prefix@}" "${@:2}" "${name%%@*}" "${list[@]}" "${!list[@]}"',
  'echo "user@host" name@Q',
  'mapfile -t lines < file',
  'mapfile -t -s 3 -n 1 lines < file',
  "read -rd '' word",
  'echo "${EPOCHREALTIME:-$seconds}"',
  'echo ${name^^} ${name,,} &>> file',
  '# EPOCHSECONDS is newer',
  'true # wait -n is newer',
  'set -m; set +m; set -C; set -- a b',
  'exec {descriptor}> file',
];

describe('the check for bash 4.2', () => {
  test.for(newer)('finds %s', ([line, since]) => {
    const found = newerThanBash42(`true\n${line}\n`);
    expect(found.map((one) => [one.line, one.since])).toContainEqual([2, since]);
  });

  test.for(old)('lets pass %s', (line) => {
    expect(newerThanBash42(line)).toEqual([]);
  });

  test('lets pass a line whose reason stands above it, and only that line', () => {
    const text = '# newer-bash: empty before\necho $EPOCHSECONDS\necho $EPOCHSECONDS\n';
    expect(newerThanBash42(text).map(({ line }) => line)).toEqual([3]);
  });

  test.for(['run.sh', 'steps.sh'])('finds nothing in %s as it is put into stores', (name) => {
    expect(newerThanBash42(readFileSync(new URL(`../../dist/runtime/${name}`, import.meta.url), 'utf8'))).toEqual([]);
  });
});
