#!/bin/bash
#PBS -l walltime=1:00:00
cd "$PBS_O_WORKDIR" || exit 3
python main.py lr=1,2 > out.txt 2> >(sort > err.txt)
