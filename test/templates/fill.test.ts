import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attempt } from '../../src/failures/failure.js';
import { fillTemplate } from '../../src/templates/index.js';

const args = { n_tasks: 600, n_gpus: 1, walltime: '1:0:0', log_filename: 'logs/a b.log', n_nodes: undefined };

function filled(text: string, command: readonly string[] = ['python', 'train.py']): string {
  const span = { source: { name: 'job.yaml', text: `job: "${text}"` }, offset: 0, length: 3 };
  return fillTemplate({ text, span }, command, args, 'cpu-array');
}

describe('a template', () => {
  test.for([
    ['{command}', 'python train.py'],
    ['a {args.n_tasks}:$(( {args.n_tasks} * 2 ))', 'a 600:$(( 600 * 2 ))'],
    [
      '$( (({args.n_gpus}==1)) && printf node_q || printf node_f )=1',
      '$( ((1==1)) && printf node_q || printf node_f )=1',
    ],
    [`\${VAR} \${x:-y} \${#a[@]} \${a:-\${b}} $VAR`, `\${VAR} \${x:-y} \${#a[@]} \${a:-\${b}} $VAR`],
    [`\${{VAR}} {{args.n_tasks}} {{{args.n_tasks}}}`, `\${VAR} {args.n_tasks} {600}`],
    ['awk \'{print $1}\' {1..3} {"a": {"b": 1}}', 'awk \'{print $1}\' {1..3} {"a": {"b": 1}}'],
    ['tee {args.log_filename}', "tee 'logs/a b.log'"],
    [`\${command} \${args.n_tasks}`, `\${command} \${args.n_tasks}`],
  ] as const)('%s is %s', ([text, expected]) => expect(filled(text)).toBe(expected));

  test('names a field that there is not, and one without a value', () => {
    expect(() => filled('x {args.n_task}')).toThrow(
      expect.objectContaining({
        failure: expect.objectContaining({
          reason: 'template-field',
          near: '{args.n_tasks}',
          span: expect.objectContaining({ offset: 8, length: 13 }),
        }),
      }),
    );
    expect(attempt(() => filled('{args.n_nodes}'))).toBeUndefined();
  });

  test('passes a command on word by word, whatever is in it', () => {
    const word = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.constantFrom('{args.n_tasks}', '{command}', '{{', '}}', '$HOME', '$&', '$1', "it's", 'a\nb', '`x`', '#$ -t 1'),
    );
    fc.assert(
      fc.property(
        fc.array(
          word.map((text) => text.replaceAll('\0', '')),
          { maxLength: 4 },
        ),
        (words) => {
          const line = filled('{command}', ['printf', '%s\\0', ...words, 'end']);
          const out = execFileSync('bash', ['-c', line], { encoding: 'utf8' });
          expect(out.split('\0').slice(0, -1)).toEqual([...words, 'end']);
        },
      ),
      { numRuns: 60 },
    );
  });
});
