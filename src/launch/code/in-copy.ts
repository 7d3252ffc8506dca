import { isAbsolute, join } from 'node:path';
import { inCopy, pathInside } from '../../code/index.js';
import { type Plan, planLaunch } from '../plan/plan.js';
import type { Program } from '../plan/program.js';
import { describeFile } from '../record/named-files.js';
import type { LaunchCode } from './launch-code.js';

/**
 * Returns the same plan, but run from a copy of a commit: the same command in the same directory of the work
 * tree, with absolute paths to files of the commit changed to the copy.
 */
export function planInCopy(plan: Plan, code: LaunchCode): Plan {
  const { repository, copy } = code.version;
  const moved = (path: string) => inCopy(code.version, path) ?? path;
  const cwd = join(copy ?? repository, pathInside(plan.code?.version.copy ?? repository, plan.cwd) ?? '');
  const word = (text: string) => (isAbsolute(text) && describeFile(text) ? moved(text) : text);
  const commands = plan.commands.map((command) => {
    const movedProgram = (program: Program): Program => {
      const { argv, file, executable } = program;
      return { ...program, argv: argv.map(word), file: moved(file), executable: moved(executable) };
    };
    const steps = command.steps?.map((step) => ({ ...step, program: movedProgram(step.program) }));
    return { ...command, program: movedProgram(command.program), steps, points: command.points.request };
  });
  return planLaunch({ ...plan, cwd, commands, code });
}
