"""Files larger than memory: read once into a table on disk, cut into tokens block by block by all cores.

What comes out is what the same file gives in memory, to the last id. Nothing here holds more than a few blocks of rows
at a time, and each step is kept in the cache: a run that was stopped goes on where it was.
"""
