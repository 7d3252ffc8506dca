import type { JobRequest } from '../../src/engines/engine.js';
import { noResources } from '../../src/resources/index.js';

/** A job that asks for nothing. */
export const job: JobRequest = {
  name: 'logs/1',
  stdout: '/logs/1/log.stdout',
  stderr: '/logs/1/log.stderr',
  script: '/logs/1/script.sh',
  shell: '/bin/bash',
  token: 'token',
  resources: noResources,
  options: [],
  array: undefined,
};
