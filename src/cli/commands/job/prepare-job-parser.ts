import { type ArrayElement, elementIndexes, renderJobBody } from '../../../script/index.js';
import {
  countsOfMode,
  type JobArgs,
  type JobMode,
  jobConfigFile,
  jobModes,
  loadTemplateConfig,
  templateJob,
} from '../../../templates/index.js';
import { formatYamlBlocks, plainData } from '../../../values/index.js';
import { jobCountOptions, sharedJobOptions } from '../../commands.js';
import type { OptionSpec } from '../../grammar/option-spec.js';
import { parseArgs, splitAtDashes } from '../../grammar/parse-args.js';
import { readJobArgs } from './job-parser.js';

/** What `MODE [OPTIONS] LOG_FILENAME COMMAND…` says; `text` and `has` tell of a dispatcher's own options. */
export interface ParsedJob extends JobArgs {
  readonly text: (option: string) => string | undefined;
  readonly has: (option: string) => boolean;
}

/** A job of a template, as a dispatcher runs or submits it. */
export interface RenderedJob {
  /** Lines of bash, without `#!` and directives. */
  readonly body: string;
  /** What the element's variable is in each element of an array; none where the job is no array. */
  readonly indexes: readonly number[];
  /** `qsub` with its `qsub_args`, for a shell; undefined where the config has none. */
  readonly submit: string | undefined;
}

/** A command line like that of `mlx job`, without a backend. */
export interface JobParser {
  /** The config, resolved, as plain data, and as the YAML that `--print_config` is to print. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly configText: string;
  /** The options of all modes, to which a dispatcher may add its own. */
  readonly parser: {
    readonly options: OptionSpec[];
    /** Undefined for `--print_config`. Throws an `MlxError` for bad input, which `renderFailure` puts in words. */
    readonly parse: () => ParsedJob | undefined;
  };
  /** The options of each mode, likewise. */
  readonly subParsers: Readonly<Record<JobMode, { readonly options: OptionSpec[] }>>;
  /** Fills the config's templates in. Throws an `MlxError` for what is wrong with them. */
  readonly render: (job: ParsedJob, element?: ArrayElement) => RenderedJob;
}

/** The words that it is given, and where. */
export interface DispatcherPlace {
  readonly words?: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const countedElement: ArrayElement = { variable: 'TASK_ARRAY_INDEX', counts: true };

/**
 * Gives a dispatcher of one's own the config, the parser and the modes of `mlx job`, as aiaccel's `prepare_argument_parser` does: the
 * config is that of `--config`, MLX_JOB_CONFIG or AIACCEL_JOB_CONFIG, else `configFile`. Throws an `MlxError` where it can't be read.
 */
export function prepareJobParser(
  configFile: string,
  { words = process.argv.slice(2), cwd = process.cwd(), env = process.env }: DispatcherPlace = {},
): JobParser {
  const options: OptionSpec[] = [...sharedJobOptions];
  const modes = jobModes.map((mode) => [mode, { options: countsOfMode[mode].map((count) => jobCountOptions[count]) }]);
  const subParsers = Object.fromEntries(modes) as Record<JobMode, { options: OptionSpec[] }>;
  const parse = () => {
    const known = new Set([...options, ...Object.values(subParsers).flatMap((mode) => mode.options)]);
    return parseArgs(words, { name: 'MODE', options: [...known], programAfter: 2, underscores: true });
  };
  const config = loadTemplateConfig(jobConfigFile(configOption(words), configFile, env), { cwd, env });
  return {
    config: plainData(config.value) as Record<string, unknown>,
    configText: formatYamlBlocks(config.value),
    parser: {
      options,
      parse: () => {
        const parsed = parse();
        if (parsed.has('print-config')) return undefined;
        return { ...readJobArgs(parsed, parsed.positionals, ''), text: parsed.text, has: parsed.has };
      },
    },
    subParsers,
    render: (job, element = countedElement) => {
      const { script, submit } = templateJob(config, job, { backend: 'custom', cwd, defaultProcs: 1 });
      const array = script.array && { ...script.array, element };
      return {
        body: renderJobBody({ ...script, array }),
        indexes: array ? elementIndexes(array) : [],
        submit: submit?.text,
      };
    },
  };
}

/** The config is read before it is known which options a dispatcher adds. */
function configOption(words: readonly string[]): string | undefined {
  const { own } = splitAtDashes(words);
  const at = own.findIndex((word) => /^--config(=|$)/.test(word));
  return at === -1 ? undefined : (/^--config=(.*)$/s.exec(own[at] ?? '')?.[1] ?? own[at + 1]);
}
