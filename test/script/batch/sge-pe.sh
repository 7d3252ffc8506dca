#!/bin/bash
#$ -S /bin/bash
#$ -N sweep
#$ -cwd
#$ -j y
#$ -pe smp 4
#$ -l h_rt=2:00:00,h_vmem=4G

export OMP_NUM_THREADS=$NSLOTS
Rscript fit.R alpha=0.1,0.5,1 folds=5
