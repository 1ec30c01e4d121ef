"""The engine of the executable book on knowledge distillation in the kernel regime.

Floors, each importing only from below:

1. `data`, `networks`, `threads`
2. `kernels`, `embeddings`, `distillation`
3. `training`, `chebyshev`, `dynamics`, `theorems`, `spectra`
4. `records`, `studies`
5. `claims`, `plotting`
6. `cli`
"""

__version__ = "0.1.0"
