#!/bin/bash
#SBATCH -t 5
/usr/bin/make CC=gcc
if [ ! -f data.bin ]; then
  python main.py --prepare
fi
exec python main.py lr=1,2
