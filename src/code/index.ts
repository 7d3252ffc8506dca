/**
 * The code of a launch: the state of a work tree, the commit or snapshot that fixes its version, and the copy
 * that runs start in. Nothing here asks or prints.
 */

export {
  type FoundCopy,
  findCopies,
  findUnfinishedCopies,
  keptCommits,
  releaseCommit,
  removeCopy,
  removeDirectory,
  sizeOf,
  writtenFiles,
} from './clean-up.js';
export { inCopy, pathInside } from './code-directories.js';
export type { CodeVersion } from './code-version.js';
export { describeCode } from './describe-code.js';
export { differenceOf } from './difference.js';
export { type CodeChoices, type CodeStep, type FixedCode, fixCode } from './fix-code.js';
export { ignoreDirectories, unignoredDirectories } from './ignore.js';
export { linkData } from './links.js';
export { type CodeToFix, lookAtCode } from './look-at-code.js';
export { findRepository, type Repository } from './repository.js';
export { describeInterpreter, type Interpreter } from './requirements.js';
export { copyOfCommit, restoreCode } from './restore.js';
export { type StoreUse, usesOf } from './uses.js';
export { inspectWorkTree, type WorkTree } from './work-tree.js';
