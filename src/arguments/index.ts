/**
 * Command lines: options as data, and the parser that reads words by them into typed values. What the options
 * mean is the commands' own; the library reads a dispatcher's command line with the same parser.
 */
export {
  inGroup,
  isGiven,
  type OptionGroup,
  type OptionSpec,
  type OptionsOf,
  type OptionValue,
  optionKey,
  optionText,
} from './option.js';
export { firstGiven, optionalAlone, type ParsedArgs, parseArgs, refuseTogether } from './parse-args.js';
export { splitAtDashes, splitWords, type WordsSpec } from './split-words.js';
