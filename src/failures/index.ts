/**
 * What a user can get wrong, as data: one closed union, carried by one error class.
 */

export {
  attempt,
  type ConfigFailure,
  type Failure,
  fail,
  MlxError,
  unreachable,
  type VersionFailure,
} from './failure.js';
