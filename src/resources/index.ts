/**
 * What runs can ask for, one row each: a time limit, CPUs, a queue, … From the rows come the options of the
 * command line, the settings, what `mlx resubmit` changes and what a plan shows. How an engine writes a
 * resource belongs to `engines`.
 */
export { mebibytes, memoryText, roughMemory } from './memory.js';
export { type OptionName, resourceOption, resourceSetting, type SettingName } from './names.js';
export { asksToStartAgain, noResources, readResources, resourceText, timesOf } from './read.js';
export {
  type ChangeableResource,
  isChangeable,
  isMultiplied,
  isOptional,
  type OptionalResource,
  type ResourceName,
  type Resources,
  type ResourceTable,
  resourceNames,
  resourcesBesides,
  resourceTable,
  rowOf,
} from './table.js';
export { endMargin, parseWarning, signalOf, type Warning, type WarningSignal } from './warning.js';
