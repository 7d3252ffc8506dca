import { expect, test } from 'vitest';
import { batchEngines } from '../../src/engines/index.js';
import { refuseOthers } from '../../src/engines/refusals.js';
import { noResources, resourceTable } from '../../src/resources/index.js';

test.for(batchEngines)('$title refuses a resource that is not in its list', (engine) => {
  expect(engine.resources?.names.every((name) => resourceTable[name].by === 'directives')).toBe(true);
  const asked = { ...noResources, account: 'me', signal: 'USR1@60' };
  expect(() => refuseOthers(engine.title, { names: ['time'] }, asked)).toThrow(
    expect.objectContaining({
      failure: expect.objectContaining({ reason: 'resource-unsupported', engine: engine.title, resource: 'account' }),
    }),
  );
});
