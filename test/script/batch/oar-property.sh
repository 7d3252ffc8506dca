#!/bin/bash
#OAR -l /nodes=1/gpu=1,walltime=12:0:0
#OAR -p gpumem>'16000' and cluster='chetemi'
#OAR --project team
module load conda
conda activate env
python train.py optimizer.lr=0.1,0.01
sleep 10
python read.py
