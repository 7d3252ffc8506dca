/**
 * Command lines: options as data, and the parser that reads words by them into typed values. What the options
 * mean is the commands' own; the library reads a dispatcher's command line with the same parser.
 */
export {
  inGroup,
  isGiven,
  type OptionSpec,
  type OptionsOf,
  optionKey,
  optionText,
} from './option.js';
export { firstGiven, optionalAlone, type ParsedArgs, parseArgs, refuseTogether } from './parse-args.js';
export { splitAtDashes, splitWords } from './split-words.js';
