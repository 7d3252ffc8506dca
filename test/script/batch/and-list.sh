#!/bin/bash
#OAR -l core=4,walltime=1:0:0
cd work && python main.py lr=1,2 || exit 1
cp out.txt results/
