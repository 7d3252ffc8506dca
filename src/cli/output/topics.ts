import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ifPresent } from '../../core/errno.js';
import { packageDirectory } from '../../core/package-directory.js';
import type { Paint } from './style.js';

/** A page of docs/ that `mlx help NAME` prints. */
interface Topic {
  readonly name: string;
  readonly path: string;
}

/** Returns the pages that come with mlx; those for users of other tools are last. */
export function listTopics(): Topic[] {
  const docs = join(packageDirectory(), 'docs');
  return [docs, join(docs, 'coming-from')].flatMap((directory) =>
    (ifPresent(() => readdirSync(directory)) ?? [])
      .filter((name) => name.endsWith('.md'))
      .sort()
      .map((name) => ({ name: basename(name, '.md'), path: join(directory, name) })),
  );
}

/** Returns the title of a page: its first heading. */
export const topicTitle = ({ path }: Topic): string => /^# (.*)$/m.exec(readFileSync(path, 'utf8'))?.[1] ?? '';

/** Returns a page for a terminal: headings bold, code as it is, links as their texts. */
export function renderTopic({ path }: Topic, paint: Paint): string {
  let isCode = false;
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .flatMap((line) => {
      if (line.startsWith('```')) {
        isCode = !isCode;
        return [];
      }
      if (isCode) return [paint('cyan', `  ${line}`.trimEnd())];
      const heading = /^#+ (.*)$/.exec(line)?.[1];
      if (heading !== undefined) return [paint('bold', heading)];
      const text = line.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1');
      // A table's cells stay as they are, so that its columns stay aligned.
      return [line.startsWith('|') ? text : text.replace(/`([^`]+)`/g, (_, code: string) => paint('cyan', code))];
    })
    .map((line) => `${line}\n`)
    .join('');
}
