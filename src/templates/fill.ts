import { quoteCommand, quoteWord } from '../core/quote.js';
import type { Span } from '../core/span.js';
import { nearest } from '../core/suggest.js';
import { fail, type ProblemOf } from '../failures/index.js';
import { jobCounts } from './modes.js';

/** The text of a template, and its span in the config file. */
export interface TemplateText {
  readonly text: string;
  readonly span: Span;
}

/** The values of `{args.NAME}` by name; undefined for a known name without a value. */
export type TemplateArgs = Readonly<Record<string, string | number | undefined>>;

/**
 * Returns a template with its fields filled in, like aiaccel-job's `str.format`: `{command}` (each word
 * quoted), `{args.NAME}`, and `{{ … }}` for braces. All other braces, such as those of `${VAR}`, are the
 * shell's and stay. `section` is the section of the config that may have values for counts. Throws
 * `template-field` for an unknown field, or one without a value.
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

/**
 * Returns the span of the field in the file, or of the whole value if the file has the field in another form.
 */
function spanOfField(span: Span, field: string): Span {
  const offset = span.source.text.indexOf(field, span.offset);
  return offset === -1 ? span : { source: span.source, offset, length: field.length };
}
