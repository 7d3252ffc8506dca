import { userInfo } from 'node:os';
import once from 'lodash/once.js';

/**
 * Returns the login name of this user; the number if the password database has none, as in some containers.
 */
export const userName = once((): string => {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
});
