import compact from 'lodash/compact.js';
import type { ParsedArgs } from '../../../arguments/index.js';
import { nearest } from '../../../core/suggest.js';
import { fail } from '../../../failures/index.js';
import type { Command, Io } from '../../grammar/command.js';
import { candidatesFor } from '../../grammar/complete.js';
import { bashContinuation, readShellLine } from '../../grammar/shell-words.js';
import type { CompletionOptions } from './spec.js';

/**
 * `mlx completion SHELL`: prints a script for the shell. The script calls `mlx completion words0 -- SHELL
 * LINE` while people type; bash adds the end of the line that it replaces.
 */
export async function run(
  { positionals, rest = [] }: ParsedArgs<CompletionOptions>,
  io: Io,
  commands: readonly Command[],
): Promise<number> {
  const [shell] = positionals;
  if (shell === undefined) return fail({ reason: 'missing-argument', argument: 'SHELL', command: 'completion' });
  if (shell === 'words' || shell === 'words0') {
    const words = await wordsFor(rest, commands, io);
    // A name may have a newline. Scripts of earlier versions read lines.
    const ended = shell === 'words0' ? words.map((word) => `${word}\0`) : words.map((word) => `${word}\n`);
    io.stdout.write(ended.join(''));
    return 0;
  }
  const script = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined;
  if (script === undefined) {
    const known = Object.keys(scripts);
    fail({
      reason: 'bad-option-value',
      option: 'SHELL',
      value: shell,
      expected: known.join(', '),
      near: nearest(shell, known),
    });
  }
  io.stdout.write(script);
  return 0;
}

/**
 * Returns the words that may follow, as the shell takes them; none if a config or settings can't be read: the
 * command itself reports that. zsh and fish quote words themselves, bash does not.
 */
async function wordsFor(
  [shell, line = '', replaced]: readonly string[],
  commands: readonly Command[],
  io: Io,
): Promise<readonly string[]> {
  if (shell !== 'bash' && shell !== 'zsh' && shell !== 'fish') return [];
  const { before, last } = readShellLine(line, shell);
  const words = await candidatesFor(before, last.value, commands, io).catch(() => []);
  // fish takes what is after a tab for a description.
  if (shell === 'fish') return words.filter((word) => !word.includes('\t'));
  if (shell === 'zsh') return words;
  const end = replaced ?? last.raw.slice(last.breakAt);
  return compact(words.map((word) => bashContinuation(last.raw, end, word)));
}

const scripts: Readonly<Record<string, string>> = {
  bash: `# mlx completion bash > ~/.local/share/bash-completion/completions/mlx, or: eval "$(mlx completion bash)"
_mlx() {
  local word
  COMPREPLY=()
  while IFS= read -r -d '' word; do
    COMPREPLY+=("$word")
  done < <(mlx completion words0 -- bash "\${COMP_LINE:0:COMP_POINT}" "\${@:2:1}" 2>/dev/null)
  case \${COMPREPLY[0]} in *=) compopt -o nospace 2>/dev/null ;; esac
}
complete -o default -F _mlx mlx mlxsub
`,
  zsh: `#compdef mlx mlxsub
# mlx completion zsh > a directory of $fpath/_mlx, or: eval "$(mlx completion zsh)"
_mlx() {
  local -a found end
  local line="\${(j: :)words[1,CURRENT-1]} $QIPREFIX$IPREFIX$PREFIX"
  found=(\${(0)"$(mlx completion words0 -- zsh "$line" 2>/dev/null)"})
  if (( \${#found} == 0 )); then
    _files
    return
  fi
  [[ \${found[1]} == *= ]] && end=(-S '')
  # Words that are written otherwise than they are typed are no matches of zsh's own.
  compadd "\${end[@]}" -a found
  (( compstate[nmatches] > 0 )) || compadd -U "\${end[@]}" -a found
}
if [ "\${funcstack[1]}" = _mlx ]; then _mlx "$@"; else compdef _mlx mlx mlxsub; fi
`,
  fish: `# mlx completion fish > ~/.config/fish/completions/mlx.fish
function __mlx_complete
  set -l found (mlx completion words0 -- fish (commandline -cp | string collect) 2>/dev/null | string split0)
  if test (count $found) -gt 0
    string join0 -- $found | string split0
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c mlx -f -a '(__mlx_complete)'
complete -c mlxsub -f -a '(__mlx_complete)'
`,
};
