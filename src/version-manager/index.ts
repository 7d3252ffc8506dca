/**
 * Which code a launch runs. So far it is described: commit, branch, whether the tree differs from the commit. Nothing
 * in the repository is touched.
 */
export { type CodeDescription, describeCode } from './describe-code.js';
