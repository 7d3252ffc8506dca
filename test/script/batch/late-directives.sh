#!/bin/bash
#OAR -l core=1
echo start
#OAR -t besteffort
python main.py lr=1,2
