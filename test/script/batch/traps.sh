#!/bin/bash
#SBATCH -t 5 --signal=B:USR1@60
cleanup() { rm -rf "$TMP"; }
TMP=$(mktemp -d)
trap cleanup EXIT
trap 'echo requeue' USR1
python main.py lr=1,2 tmp=$TMP
