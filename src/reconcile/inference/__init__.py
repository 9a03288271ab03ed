"""Log densities, their modes, Hessians and sampling, independent of claims."""
