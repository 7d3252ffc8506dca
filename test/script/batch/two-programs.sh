#!/bin/bash
#OAR -l core=1
python prepare.py data=raw
python main.py lr=1,2
python main.py lr=0.5
python read.py
