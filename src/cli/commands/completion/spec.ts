import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { helpOption } from '../../options/output.js';

export const completionSpec = commandSpec({
  name: 'completion',
  aliases: [],
  summary: 'let the shell complete commands, options, runs, config keys',
  usage: 'mlx completion bash|zsh|fish',
  positionals: [{ name: 'SHELL', help: 'bash, zsh or fish; what is printed is for it to read' }],
  options: [helpOption],
  examples: [
    ['eval "$(mlx completion bash)"', 'in ~/.bashrc'],
    ['mlx completion fish > ~/.config/fish/completions/mlx.fish', 'for fish'],
  ],
});

export type CompletionOptions = OptionsOfCommand<typeof completionSpec>;
