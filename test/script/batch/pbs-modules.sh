#!/bin/bash
#PBS -N lbm
#PBS -l select=1:ncpus=16:mpiprocs=16
#PBS -l walltime=04:00:00
#PBS -j oe
#PBS -q small -A proj42

cd $PBS_O_WORKDIR
module load intel/2023 impi
mpirun -np 16 ./lbm viscosity=0.1,0.2 grid=64,128 > lbm.out
