#!/bin/bash
#SBATCH --nodes=1 --ntasks=1
#SBATCH --gpus-per-node=4
CUDA_VISIBLE_DEVICES=0,1,2,3 NCCL_DEBUG=INFO torchrun --nproc_per_node 4 --master_port=29500 t.py lr=0.1,0.2 batch=64
