// What bash 4.2 does not have yet, and must therefore not be in run.sh (shellcheck does not know versions of bash). The
// versions are those of bash's NEWS file. A line that may use such a feature has `# newer-bash: REASON` above it.

/** Features by the version of bash that brought them; each a pattern of a line without its comment. */
const features = [
  ['4.3', 'local -n, declare -n: references', /\b(?:local|declare|typeset)\s+(?:-\w+\s+)*-\w*n\w*\b/],
  ['4.3', 'unset -n', /\bunset\s+(?:-\w+\s+)*-\w*n/],
  ['4.3', 'wait -n', /\bwait\s+(?:-\w+\s+)*-\w*n/],
  ['4.3', 'assigning or unsetting a[-1]', /(?:^|[\s;({])\w+\[-\d+\]\+?=|\bunset\s+(?:-v\s+)?['"]?\w+\[-\d+\]/],
  ['4.3', '-v with an array element', /(?:\[\[?|\btest)\s+(?:.*\s)?-v\s+['"]?\w+\[/],
  ['4.3', '-R: is it a reference', /(?:\[\[?|\btest)\s+(?:.*\s)?-R\s/],
  ['4.3', '%(…)T without a time', /printf\s.*%\([^)]*\)T[^%'"]*['"]?\s*(?:$|[;&|)}])/],
  ['4.3', 'cd -@', /\bcd\s+-\w*@/],
  ['4.3', 'BASH_COMPAT', /\bBASH_COMPAT\b/],
  ['4.3', 'shopt globasciiranges', /\bglobasciiranges\b/],
  ['4.4', '${x@Q} and other operators after @', /\$\{!?(?:\w+(?:\[[^\]]*\])?|[@*])@[A-Za-z]\}/],
  ['4.4', 'mapfile -d', /\b(?:mapfile|readarray)\s+(?:-\w+\s+(?:\d+\s+)?)*-\w*d/],
  ['4.4', 'local -', /\blocal\s+-(?:\s|;|$)/],
  ['4.4', 'shopt inherit_errexit', /\binherit_errexit\b/],
  ['4.4', 'EXECIGNORE, PS0, BASH_LOADABLES_PATH', /\b(?:EXECIGNORE|PS0|BASH_LOADABLES_PATH)\b/],
  ['4.4', 'set -u, under which "${empty[@]}" is an error before', /\bset\s+(?:-\w*u|-o\s+nounset\b)/],
  ['5.0', 'EPOCHSECONDS', /\bEPOCHSECONDS\b/],
  ['5.0', 'EPOCHREALTIME without a default', /(?<!\$\{)\bEPOCHREALTIME\b|\$\{EPOCHREALTIME(?!:?-)/],
  ['5.0', 'BASH_ARGV0', /\bBASH_ARGV0\b/],
  ['5.0', 'wait -f', /\bwait\s+(?:-\w+\s+)*-\w*f/],
  ['5.0', 'shopt localvar_inherit, assoc_expand_once', /\b(?:localvar_inherit|localvar_unset|assoc_expand_once)\b/],
  ['5.1', 'SRANDOM', /\bSRANDOM\b/],
  ['5.1', 'local -I', /\b(?:local|declare|typeset)\s+(?:-\w+\s+)*-\w*I/],
  ['5.1', 'wait -p', /\bwait\s+(?:-\w+\s+)*-\w*p/],
  ['5.1', 'ulimit -R', /\bulimit\s+-\w*R/],
  ['5.1', 'assignment of keys and values in turn', /\bdeclare\s+-A\s+\w+=\(\s*[^[\s)]/],
  ['5.2', 'shopt patsub_replacement, noexpand_translation', /\b(?:patsub_replacement|noexpand_translation)\b/],
  ['5.3', 'shopt array_expand_once', /\barray_expand_once\b/],
  ['5.3', '${ command; }', /\$\{[\s|]/],
  ['5.3', 'GLOBSORT', /\bGLOBSORT\b/],
  ['5.3', 'BASH_MONOSECONDS, BASH_TRAPSIG', /\b(?:BASH_MONOSECONDS|BASH_TRAPSIG)\b/],
];

/** Returns the uses of features newer than bash 4.2 in a script: line (from 1), version and name of each. */
export function newerThanBash42(text) {
  const lines = text.split('\n');
  return lines.flatMap((line, i) => {
    if (/^\s*#\s*newer-bash: \S/.test(lines[i - 1] ?? '')) return [];
    const code = line.replace(/(?:^|\s)#.*$/, '');
    return features.flatMap(([since, name, pattern]) => (pattern.test(code) ? [{ line: i + 1, since, name }] : []));
  });
}
