#!/bin/bash
#SBATCH --chdir=/scratch/run
#SBATCH --dependency=afterok:123 --hold
python main.py lr=1,2
