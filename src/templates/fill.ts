import { quoteCommand, quoteWord } from '../core/quote.js';
import type { Span } from '../core/span.js';
import { nearest } from '../core/suggest.js';
import { fail, type ProblemOf } from '../failures/index.js';
import { jobCounts } from './modes.js';

/** A template's text, and where it stands in its file. */
export interface TemplateText {
  readonly text: string;
  /** The value in the file: what is wrong is shown within it. */
  readonly span: Span;
}

/** What `{args.NAME}` stands for; undefined for what has no value. */
export type TemplateArgs = Readonly<Record<string, string | number | undefined>>;

/**
 * A template with its fields filled in, as Python's `str.format` has them in aiaccel-job: `{command}` (each word quoted), `{args.NAME}`, and
 * `{{ … }}` for braces. All other braces stay, `${VAR}` among them: they are the shell's. Throws `template-field` where a field is
 * none, or has no value.
 */
export function fillTemplate(
  { text, span }: TemplateText,
  command: readonly string[] | undefined,
  args: TemplateArgs,
  section: string,
): string {
  let depth = 0;
  return text.replace(
    /\{\{|\}\}|(?<!\$)\{command\}|(?<!\$)\{args\.([^{}]*)\}/g,
    (field: string, name: string | undefined) => {
      if (field === '{{') {
        depth++;
        return '{';
      }
      if (field === '}}' && depth === 0) return field;
      if (field === '}}') {
        depth--;
        return '}';
      }
      const refuse = (problem: ProblemOf<'template-field'>, near?: string) =>
        fail({ reason: 'template-field', span: spanOfField(span, field), field, problem, near });
      if (name === undefined) return command ? quoteCommand(command) : refuse({ kind: 'no-command' });
      const known = Object.keys(args);
      if (!known.includes(name)) {
        const near = nearest(name, known);
        return refuse({ kind: 'unknown-field', known }, near && `{args.${near}}`);
      }
      const value = args[name];
      if (value !== undefined) return quoteWord(String(value));
      const isCount = (jobCounts as readonly string[]).includes(name);
      return refuse({ kind: 'no-value', field: name, section: isCount ? section : undefined });
    },
  );
}

/** The field itself, where the file has it as it is behind the place of the value. */
function spanOfField(span: Span, field: string): Span {
  const offset = span.source.text.indexOf(field, span.offset);
  return offset === -1 ? span : { source: span.source, offset, length: field.length };
}
