#!/bin/bash
#BSUB -J tune
#BSUB -o out.%J
#BSUB -q normal -n 8
#BSUB -R "span[hosts=1] rusage[mem=4000]"
#BSUB -W 6:00
python3 -m pkg.train lr=1e-3,1e-4
