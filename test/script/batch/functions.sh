#!/bin/bash
#SBATCH -t 5
log() {
  echo "$(date +%T) $*"
}
log start
python main.py lr=1,2
log end
