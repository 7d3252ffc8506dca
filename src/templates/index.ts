/**
 * Templates: the job templates of `mlx job`, which are those of aiaccel-job. They are YAML configs with a
 * section per mode, filled in with the user's command and counts.
 */

export { withElements } from './elements.js';
export { fillTemplate, type TemplateArgs, type TemplateText } from './fill.js';
export { type JobTemplateOptions, jobTemplateOptions, readJobArgs } from './job-command-line.js';
export {
  type DispatcherPlace,
  type JobParser,
  type ParsedJob,
  prepareJobParser,
  type RenderedJob,
} from './job-parser.js';
export {
  directoryOfLog,
  type JobBackend,
  jobBackends,
  jobConfigFile,
  scriptBeside,
  shippedTemplates,
  type TemplateContext,
  type TemplateJob,
  templateJob,
} from './job-template.js';
export {
  countsOfMode,
  type JobArgs,
  type JobCount,
  type JobMode,
  jobCounts,
  jobModes,
  type SectionName,
  sectionOf,
} from './modes.js';
export { loadTemplateConfig, type TemplateConfig } from './template-config.js';
