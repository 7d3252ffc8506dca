import { type Command, defineCommand } from '../grammar/command.js';
import { bestSpec } from './best/spec.js';
import { completionSpec } from './completion/spec.js';
import { configSpec } from './config/spec.js';
import { deleteSpec } from './delete/spec.js';
import { diffSpec } from './diff/spec.js';
import { doctorSpec } from './doctor/spec.js';
import { executeSpec } from './execute/spec.js';
import { exportSpec } from './export/spec.js';
import { gcSpec } from './gc/spec.js';
import { holdSpec, releaseSpec } from './hold/spec.js';
import { jobSpec } from './job/spec.js';
import { listSpec } from './list/spec.js';
import { logsSpec } from './logs/spec.js';
import { plotSpec } from './plot/spec.js';
import { querySpec } from './query/spec.js';
import { queuesSpec } from './queues/spec.js';
import { reportSpec } from './report/spec.js';
import { rerunSpec } from './rerun/spec.js';
import { resubmitSpec } from './resubmit/spec.js';
import { resumeSpec } from './resume/spec.js';
import { runSpec } from './run/spec.js';
import { showSpec } from './show/spec.js';
import { stopSpec } from './stop/spec.js';
import { subSpec } from './sub/spec.js';
import { submitSpec } from './submit/spec.js';
import { uiSpec } from './ui/spec.js';
import { waitSpec } from './wait/spec.js';
import { watchSpec } from './watch/spec.js';
import { whySpec } from './why/spec.js';

/** All commands of mlx, in the order of help. */
export const commands: readonly Command[] = [
  defineCommand(runSpec, () => import('./run/run.js')),
  defineCommand(subSpec, () => import('./sub/run.js')),
  defineCommand(jobSpec, () => import('./job/run.js')),
  defineCommand(submitSpec, () => import('./submit/run.js')),
  defineCommand(executeSpec, () => import('./execute/run.js')),
  defineCommand(rerunSpec, () => import('./rerun/run.js')),
  defineCommand(resubmitSpec, () => import('./resubmit/run.js')),
  defineCommand(resumeSpec, () => import('./resume/run.js')),
  defineCommand(listSpec, () => import('./list/run.js')),
  defineCommand(showSpec, () => import('./show/run.js')),
  defineCommand(reportSpec, () => import('./report/run.js')),
  defineCommand(querySpec, () => import('./query/run.js')),
  defineCommand(bestSpec, () => import('./best/run.js')),
  defineCommand(exportSpec, () => import('./export/run.js')),
  defineCommand(plotSpec, () => import('./plot/run.js')),
  defineCommand(uiSpec, () => import('./ui/run.js')),
  defineCommand(diffSpec, () => import('./diff/run.js')),
  defineCommand(logsSpec, () => import('./logs/run.js')),
  defineCommand(configSpec, () => import('./config/run.js')),
  defineCommand(whySpec, () => import('./why/run.js')),
  defineCommand(queuesSpec, () => import('./queues/run.js')),
  defineCommand(watchSpec, () => import('./watch/run.js')),
  defineCommand(waitSpec, () => import('./wait/run.js')),
  defineCommand(stopSpec, () => import('./stop/run.js')),
  defineCommand(holdSpec, async () => (await import('./hold/run.js')).hold),
  defineCommand(releaseSpec, async () => (await import('./hold/run.js')).release),
  defineCommand(deleteSpec, () => import('./delete/run.js')),
  defineCommand(completionSpec, () => import('./completion/run.js')),
  defineCommand(doctorSpec, () => import('./doctor/run.js')),
  defineCommand(gcSpec, () => import('./gc/run.js')),
];
