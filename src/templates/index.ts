/**
 * Templates: the job templates of `mlx job`, which are those of aiaccel-job. They are YAML configs with a
 * section per mode, filled in with the user's command and counts.
 */

export { withElements } from './elements.js';
export { fillTemplate } from './fill.js';
export { jobTemplateOptions, readJobArgs } from './job-command-line.js';
export { type JobParser, type ParsedJob, prepareJobParser, type RenderedJob } from './job-parser.js';
export {
  directoryOfLog,
  type JobBackend,
  jobBackends,
  jobConfigFile,
  scriptBeside,
  shippedTemplates,
  type TemplateJob,
  templateJob,
} from './job-template.js';
export type { JobArgs } from './modes.js';
export { loadTemplateConfig } from './template-config.js';
