import { isGiven, type OptionSpec, optionKey, parseArgs, splitAtDashes } from '../arguments/index.js';
import { ownEnvironment } from '../core/own-environment.js';
import { type ArrayElement, elementIndexes, renderJobBody } from '../script/index.js';
import { formatYamlBlocks, plainData } from '../values/index.js';
import { countOption, type jobTemplateOptions, readJobArgs, sharedJobOptions } from './job-command-line.js';
import { jobConfigFile, templateJob } from './job-template.js';
import { countsOfMode, type JobArgs, type JobMode, jobModes } from './modes.js';
import { loadTemplateConfig } from './template-config.js';

/**
 * The parsed words `MODE [OPTIONS] LOG_FILENAME COMMAND…`; `text` and `has` read a dispatcher's own options.
 */
export interface ParsedJob extends JobArgs {
  readonly text: (option: string) => string | undefined;
  readonly has: (option: string) => boolean;
}

/** A job of a template, as a dispatcher runs or submits it. */
export interface RenderedJob {
  /** Lines of bash, without `#!` and directives. */
  readonly body: string;
  /** The value of the element's variable in each element of an array; empty if the job is not an array. */
  readonly indexes: readonly number[];
  /** `qsub` with its `qsub_args`, for a shell; undefined if the config has none. */
  readonly submit: string | undefined;
}

/** A command line like that of `mlx job`, without a backend. */
export interface JobParser {
  /** The config, resolved, as plain data, and as the YAML that `--print_config` prints. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly configText: string;
  /** The options of all modes. A dispatcher may add its own. */
  readonly parser: {
    readonly options: OptionSpec[];
    /**
     * Returns undefined for `--print_config`. Throws an `MlxError` for bad input; `renderFailure` words it.
     */
    readonly parse: () => ParsedJob | undefined;
  };
  /** The options of each mode. A dispatcher may add its own. */
  readonly subParsers: Readonly<Record<JobMode, { readonly options: OptionSpec[] }>>;
  /** Fills in the config's templates. Throws an `MlxError` if they are wrong. */
  readonly render: (job: ParsedJob, element?: ArrayElement) => RenderedJob;
}

/** A dispatcher's command line, working directory and environment; the process's own by default. */
interface DispatcherPlace {
  readonly words?: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const countedElement: ArrayElement = { variable: 'TASK_ARRAY_INDEX', counts: true };

/**
 * Returns the config, the parser and the modes of `mlx job` for a user's own dispatcher, as aiaccel's
 * `prepare_argument_parser` does. The config is that of `--config`, MLX_JOB_CONFIG or AIACCEL_JOB_CONFIG,
 * else `configFile`. Throws an `MlxError` if the config can't be read.
 */
export function prepareJobParser(
  configFile: string,
  { words = process.argv.slice(2), cwd = process.cwd(), env = ownEnvironment() }: DispatcherPlace = {},
): JobParser {
  const options: OptionSpec[] = [...sharedJobOptions];
  const modes = jobModes.map((mode) => [
    mode,
    { options: countsOfMode[mode].flatMap((count) => countOption(count) ?? []) },
  ]);
  const subParsers = Object.fromEntries(modes) as Record<JobMode, { options: OptionSpec[] }>;
  const parse = () => {
    const known: Iterable<OptionSpec | (typeof jobTemplateOptions)[number]> = new Set([
      ...options,
      ...Object.values(subParsers).flatMap((mode) => mode.options),
    ]);
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
        if (parsed.options.printConfig) return undefined;
        const given = (option: string) => parsed.options[optionKey(option)];
        return {
          ...readJobArgs(parsed, parsed.positionals, ''),
          text(option) {
            const value = given(option);
            return typeof value === 'string' ? value : undefined;
          },
          has: (option) => isGiven(given(option)),
        };
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

/** Returns the value of `--config`. The config is read before a dispatcher has added its options. */
function configOption(words: readonly string[]): string | undefined {
  const { own } = splitAtDashes(words);
  const at = own.findIndex((word) => /^--config(=|$)/.test(word));
  return at === -1 ? undefined : (/^--config=(.*)$/s.exec(own[at] ?? '')?.[1] ?? own[at + 1]);
}
