"""Cells, recurrent layers, pooling: the network, and nothing of the program around it."""
