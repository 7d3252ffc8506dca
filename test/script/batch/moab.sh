#!/bin/sh
#MSUB -l nodes=1:ppn=8,walltime=10:00:00
#MSUB -q batch
#MSUB -N job
./sim dt=0.1,0.01
