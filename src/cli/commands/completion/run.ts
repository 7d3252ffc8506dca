import type { ParsedArgs } from '../../../arguments/index.js';
import { nearest } from '../../../core/suggest.js';
import { fail } from '../../../failures/index.js';
import type { Command, Io } from '../../grammar/command.js';
import { candidatesFor } from '../../grammar/complete.js';
import type { CompletionOptions } from './spec.js';

/**
 * `mlx completion SHELL`: prints a script for the shell. The script calls `mlx completion words -- SHELL
 * LINE` while people type.
 */
export async function run(
  { positionals, rest = [] }: ParsedArgs<CompletionOptions>,
  io: Io,
  commands: readonly Command[],
): Promise<number> {
  const [shell] = positionals;
  if (shell === undefined) return fail({ reason: 'missing-argument', argument: 'SHELL', command: 'completion' });
  if (shell === 'words') {
    const [forShell, line = ''] = rest;
    io.stdout.write(await answer(forShell ?? '', line, await wordsFor(line, commands, io)));
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
 * Returns the words that may follow; none if a config or settings can't be read: the command itself reports
 * that.
 */
async function wordsFor(line: string, commands: readonly Command[], io: Io): Promise<readonly string[]> {
  try {
    return await candidatesFor(line, commands, io);
  } catch {
    return [];
  }
}

function answer(shell: string, line: string, words: readonly string[]): string {
  // bash completes the text after the last character at which it breaks words.
  const typed = /\S*$/.exec(line)?.[0] ?? '';
  const broken =
    shell === 'bash' ? typed.slice(0, Math.max(...[...'=:@'].map((mark) => typed.lastIndexOf(mark))) + 1) : '';
  return words.map((word) => `${word.slice(broken.length)}\n`).join('');
}

const scripts: Readonly<Record<string, string>> = {
  bash: `# mlx completion bash > ~/.local/share/bash-completion/completions/mlx, or: eval "$(mlx completion bash)"
_mlx() {
  local IFS=$'\\n'
  COMPREPLY=($(mlx completion words -- bash "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null))
  case \${COMPREPLY[0]} in *=) compopt -o nospace 2>/dev/null ;; esac
}
complete -o default -F _mlx mlx mlxsub
`,
  zsh: `#compdef mlx mlxsub
# mlx completion zsh > a directory of $fpath/_mlx, or: eval "$(mlx completion zsh)"
_mlx() {
  local -a found
  found=(\${(f)"$(mlx completion words -- zsh "$LBUFFER" 2>/dev/null)"})
  if (( \${#found} == 0 )); then
    _files
  elif [[ \${found[1]} == *= ]]; then
    compadd -S '' -a found
  else
    compadd -a found
  fi
}
if [ "\${funcstack[1]}" = _mlx ]; then _mlx "$@"; else compdef _mlx mlx mlxsub; fi
`,
  fish: `# mlx completion fish > ~/.config/fish/completions/mlx.fish
function __mlx_complete
  set -l found (mlx completion words -- fish (commandline -cp) 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c mlx -f -a '(__mlx_complete)'
complete -c mlxsub -f -a '(__mlx_complete)'
`,
};
