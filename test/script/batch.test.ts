import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { batchEngines, headerLines, readHeader } from '../../src/engines/index.js';
import { type BatchScript, batchBody, launchPoints, pointsOf, readBatchCommands } from '../../src/launch/index.js';
import { configuredPoints } from '../../src/launch/plan/points.js';
import { parseShell } from '../../src/script/index.js';

const folder = new URL('batch/', import.meta.url);
const scripts = readdirSync(folder).filter((name) => name.endsWith('.sh'));

/** What comes out of a script: how its header is read, what was taken for what, its runs, and the first job of each command. */
async function reading(name: string): Promise<string> {
  const shell = parseShell({ name, text: readFileSync(new URL(name, folder), 'utf8') });
  const engines = batchEngines.filter(
    ({ names: [engine], header }) =>
      engine !== 'torque' && header && headerLines(header, shell.source, shell.headEnd).read.length > 0,
  );
  const headers = engines.map((engine) => ({ engine, header: readHeader(engine, shell.source, shell.headEnd) }));
  const { commands, notes } = await readBatchCommands(shell, { environment: {}, cwd: '/' });
  const script: BatchScript = {
    name,
    shell,
    commands,
    directives: headers[0]?.header.lines ?? [],
    shebang: shell.shebang ?? '/bin/bash',
  };
  const jobs = commands.map((command) => {
    const points = launchPoints(pointsOf(command.overrides.map(({ override }) => override)));
    return [...configuredPoints(points, { kind: 'overrides-only' })].map(({ point }) =>
      batchBody(script, command, point.overrides),
    );
  });
  const text = (lines: readonly string[]) => lines.map((line) => `  ${line}\n`).join('');
  return [
    ...headers.map(({ engine, header: { options, replaced, directory, shell: path, unread } }) => {
      const unreadLines = unread.map(({ source, offset, length }) => source.text.slice(offset, offset + length));
      return `${engine.title}\n${text([
        ...options.map((option) => `${engine.marker} ${option}`),
        ...replaced.map((option) => `replaced ${option}`),
        ...(directory === undefined ? [] : [`starts in ${directory}`]),
        ...(path === undefined ? [] : [`shell ${path}`]),
        ...unreadLines.map((line) => `not read ${line}`),
      ])}`;
    }),
    ...(notes.length === 0 ? [] : [`notes\n${text(notes)}`]),
    `runs\n${text(jobs.flat().map(({ command }) => command))}`,
    ...jobs.map(([first]) => `job\n${first?.body.replace(/^(?=.)/gm, '  ')}`),
  ].join('\n');
}

test.for(scripts)('%s', async (name) => {
  await expect(await reading(name)).toMatchFileSnapshot(`batch/${name.replace(/\.sh$/, '.txt')}`);
});

test('they are of every style', () => {
  expect(scripts.length).toBeGreaterThanOrEqual(30);
});
