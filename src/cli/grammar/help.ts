import type { OptionSpec } from '../../arguments/index.js';
import type { CommandSpec } from './command.js';

/** Returns the page of `mlx --help`. */
export function renderHelp(
  commands: readonly CommandSpec[],
  version: string,
  topics: readonly (readonly [string, string])[] = [],
): string {
  const pages = topics.length === 0 ? '' : `\npages:\n${columns(topics)}`;
  return `mlx ${version}: launch experiment sweeps

usage: mlx COMMAND …

commands:
${columns(commands.map(({ name, summary }) => [name, summary]))}${pages}
  mlx COMMAND --help   its options and examples
  mlx help PAGE        a page of the documentation; mlx help lists them
  mlx --version        the version
`;
}

/** Returns the page of `mlx COMMAND --help`. */
export function renderCommandHelp(command: CommandSpec): string {
  const { summary, usage, positionals, options, examples } = command;
  return `${usage}
  ${summary}

${columns(positionals.map(({ name, help }) => [name, help]))}
options:
${columns(options.map((option) => [optionForm(option), optionHelp(option)]))}
examples:
${examples.map(([line, meaning]) => `  ${line}\n      ${meaning}\n`).join('')}`;
}

function optionForm({ name, short, type, shape }: OptionSpec): string {
  const value = type === 'flag' ? '' : type === 'optional' ? `[=${shape}]` : ` ${shape}`;
  return `${short ? `-${short}, ` : '    '}--${name}${value}`;
}

function optionHelp({ help, choices }: OptionSpec): string {
  return choices ? `${help} (${choices.join(', ')})` : help;
}

const textWidth = 100;

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows
    .map(([left, right]) => {
      const lines = wrap(right, textWidth - width - 2);
      return lines.map((line, i) => `  ${(i === 0 ? left : '').padEnd(width)}${line}\n`).join('');
    })
    .join('');
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}
