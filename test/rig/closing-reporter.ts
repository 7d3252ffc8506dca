import type { Reporter, TestModule } from 'vitest/node';

/** Names every skipped test with its reason, and closes with one plain line of counts. */
export const closingReporter: Reporter = {
  onTestRunEnd(modules) {
    const tests = modules.flatMap((module: TestModule) => [...module.children.allTests()]);
    const inState = (state: string) => tests.filter((test) => test.result().state === state);
    const skipped = inState('skipped');
    const failedModules = modules.filter((module) => module.state() === 'failed' && module.children.size === 0);
    for (const test of skipped) {
      const result = test.result();
      const note = result.state === 'skipped' ? result.note : undefined;
      process.stdout.write(`skipped: ${test.fullName}: ${note ?? 'no reason given'}\n`);
    }
    const failed = inState('failed').length + failedModules.length;
    process.stdout.write(`\n${inState('passed').length} passed, ${failed} failed, ${skipped.length} skipped\n`);
  },
};
