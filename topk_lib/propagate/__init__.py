"""The hot loop: scores travel through a comparator network, and a payload rides along.

- `plain` says how, in torch's operations. It serves every device, precision and transform; read it first.
- `compiled` puts the same loop, as machine code, into autograd. `cpu` is that code by numba, `gpu` by Triton.
- `backends` chooses: `push` and `pull` here are its own, and run whatever is fastest.
"""

from .backends import backend, pull, push

__all__ = ["backend", "pull", "push"]
