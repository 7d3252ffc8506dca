import { userName } from '../core/user-name.js';
import { yamlScalar } from '../core/yaml-scalar.js';
import { runPaths } from './paths.js';

/** The first contents of `info.yaml`. Later `run.sh` writes its status lines. */
export interface InfoSpec {
  readonly runDirectory: string;
  readonly id: number;
  readonly launch: string;
  /** The program's file, or the command's first word. */
  readonly currentFilePath: string;
  /** The interpreter, or the program itself. */
  readonly executable: string;
  readonly host: string;
  readonly workDirectory: string;
  /** The command line in the script. */
  readonly command: string;
  readonly engine: string;
  /** The entry `version_manager`, as YAML. */
  readonly versionManager: string;
}

/** Returns MLXP's block `scheduler`. `run.sh` writes the job's id into it. */
function schedulerText(engine: string): string {
  if (engine === 'here') return 'scheduler: null\n';
  return `scheduler:\n  name: ${yamlScalar(engine)}\n  scheduler_job_id: null\n`;
}

/**
 * Returns the text of `info.yaml`: MLXP's fields in MLXP's order, then mlx's. The layout is fixed: each field
 * that `run.sh` rewrites is one line at the left margin.
 */
export function renderInfo(spec: InfoSpec): string {
  const { runDirectory } = spec;
  return `status: STARTING
current_file_path: ${yamlScalar(spec.currentFilePath)}
executable: ${yamlScalar(spec.executable)}
hostname: ${yamlScalar(spec.host)}
process_id: null
start_date: null
start_time: null
end_date: null
end_time: null
work_dir: ${yamlScalar(spec.workDirectory)}
user: ${yamlScalar(userName())}
exit_code: null
reason: null
attempt: 0
launch: ${yamlScalar(spec.launch)}
engine: ${yamlScalar(spec.engine)}
command: ${yamlScalar(spec.command)}
logger:
  log_id: ${spec.id}
  log_dir: ${yamlScalar(runDirectory)}
  metrics_dir: ${yamlScalar(runPaths.metrics(runDirectory))}
  metadata_dir: ${yamlScalar(runPaths.metadata(runDirectory))}
  artifacts_dir: ${yamlScalar(runPaths.artifacts(runDirectory))}
${schedulerText(spec.engine)}${spec.versionManager}...
`;
}
