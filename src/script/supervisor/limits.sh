# --- Limits: what the program may use on this machine -------------------------------------------------------
# Owns the run's memory, CPUs and GPUs where a launcher has assigned them (mlx_serve). Engines do this for
# their jobs. Needs mlx_say.

mlx_gpus='' mlx_cpus='' mlx_memory=''

# Keeps this process, and all that it starts, on its GPUs and CPUs.
mlx_pin() {
  [ -z "$mlx_gpus" ] || export CUDA_VISIBLE_DEVICES=$mlx_gpus
  [ -z "$mlx_cpus" ] || taskset -cp "$mlx_cpus" "$BASHPID" > /dev/null ||
    mlx_say "can't keep to the CPUs $mlx_cpus"
}

# Limits the memory of all that this process starts from now on, by mlx_memory: `cgroup PATH` for all of it
# together, `data KIB` for each process.
mlx_limit_memory() {
  case $mlx_memory in
    'cgroup '*) printf '%s' "$BASHPID" > "${mlx_memory#* }/cgroup.procs" ;;
    'data '*) ulimit -d "${mlx_memory#* }" ;;
  esac
}

# Reads what the body's control group says about its memory: mlx_peak_memory and mlx_memory_limit in bytes,
# and mlx_out_of_memory if a process of it was killed because memory ran out.
mlx_find_memory() {
  mlx_peak_memory='' mlx_memory_limit='' mlx_out_of_memory=''
  [[ $mlx_memory == 'cgroup '* ]] || return 0
  local group=${mlx_memory#* } file word value
  for file in memory.peak memory.max_usage_in_bytes; do
    # shellcheck disable=SC2034 # mlx_record_end reads it by its name
    { IFS= read -r mlx_peak_memory < "$group/$file"; } 2>/dev/null && break
  done
  for file in memory.max memory.limit_in_bytes; do
    { IFS= read -r mlx_memory_limit < "$group/$file"; } 2>/dev/null && break
  done
  for file in memory.events memory.oom_control; do
    [ -r "$group/$file" ] || continue
    while IFS=' ' read -r word value; do
      [ "$word" != oom_kill ] || [ "$value" = 0 ] || mlx_out_of_memory=1
    done < "$group/$file"
  done
}
