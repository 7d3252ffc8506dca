#!/bin/bash -l
#SBATCH --job-name=train            # replaced
#SBATCH --output=slurm-%j.out
#SBATCH --partition=gpu --gres=gpu:1
#SBATCH --time=12:00:00
#SBATCH --mem=32G
##SBATCH --qos=debug

set -euo pipefail
module purge
module load cuda/12.1
source ~/miniconda3/etc/profile.d/conda.sh
conda activate vision

export OMP_NUM_THREADS=$SLURM_CPUS_PER_TASK
srun python train.py model=resnet18,resnet50 'seed=range(1,4)' trainer.max_epochs=90
echo "done at $(date)"
