r"""Learn how named sources err from cases whose truth is known.

The error of source :math:`i` about figure :math:`j` of year :math:`t` is

.. math:: e_{ij} = m_r + c_j + a_t + s_{ij} (b_i + d_{it}) + \varepsilon_{ij}, \qquad
   \varepsilon_{ij} \sim t_\nu\Bigl(0, \sqrt{g_i (s^2 + \varphi^2 u^2)}\Bigr),

with what all claims about a figure and all of a year have in common, the mean of a role, the bias
of the source and how it changes from year to year, all normal, and a factor :math:`g_i` on its
variance that is inverse gamma. Variances are those of restricted maximum likelihood, by
expectation-maximisation [1]_; tails are weights that are updated with them [2]_, and the weight of
the prior of :math:`g` maximises the density of an F distribution [3]_.

.. [1] Harville, D. A. (1977). Maximum likelihood approaches to variance component estimation and to
   related problems. Journal of the American Statistical Association 72, 320-338.
.. [2] Lange, K. L., Little, R. J. A. and Taylor, J. M. G. (1989). Robust statistical modeling using
   the t distribution. Journal of the American Statistical Association 84, 881-896.
.. [3] Smyth, G. K. (2004). Linear models and empirical Bayes methods for assessing differential
   expression in microarray experiments. Statistical Applications in Genetics and Molecular Biology
   3, 3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky
from scipy.linalg.lapack import dpotri
from scipy.sparse import csr_array, diags_array, hstack
from scipy.stats import f as f_distribution
from threadpoolctl import threadpool_limits

from reconcile.claims.claim_set import ClaimSet
from reconcile.learning.past_errors import PastError, past_errors
from reconcile.priors.constants import SourcePrior
from reconcile.priors.priors import Priors

__all__ = ["named_sources"]

type Array = NDArray[np.float64]
type Indices = NDArray[np.intp]
_LEAST_CASES: Final = 3
# Degrees of freedom of errors.
_TAILS: Final = 5.0
# Rounds of three steps, the change that is none, and the longest leap, in steps.
_ROUNDS, _CLOSE, _FURTHEST = 20, 0.003, 10.0
# Variance of the mean of a role, over that of errors: as good as unknown.
_VAGUE: Final = 1e4
# Share of the variance of errors that each part has at first, and below which a part of it is none.
_FIRST, _NOTHING = 0.2, 1e-6
# Weights of the prior of the factor of a source that are tried.
_WEIGHTS: Final = np.geomspace(2.5, 1000.0, 60)
# Random effects beside those of figures, in the order of their columns.
_PARTS: Final = ("role", "source", "change", "year")


def named_sources(
    cases: Mapping[str, ClaimSet], priors: Priors, *, least_cases: int = _LEAST_CASES
) -> dict[str, SourcePrior]:
    """Learn what to expect of sources by their names.

    Parameters
    ----------
    cases : mapping of str to ClaimSet
        Cases with claims of kind ``truth``, by name; others teach nothing.
    priors : Priors
        What is expected of roles. Sources that it knows by name are learnt anew.
    least_cases : int, default 3
        Cases that a source must be in, at least 1.

    Returns
    -------
    dict of str to SourcePrior
        By name, for ``priors.replace(sources=...)``. A source in few cases errs nearly like any
        other, and all do where sources do not differ. One with errors of several kinds (scale,
        unit, setting) is known by that of which there are most.
    """
    found: dict[str, SourcePrior] = {}
    errors = past_errors(cases, replace(priors, sources={}))
    for kind, group in groupby(errors, key=lambda error: error.kind):
        mine = list(group)
        if len({error.figure for error in mine}) < _LEAST_CASES:
            continue
        for name, prior in _learnt(kind, mine).items():
            if prior.cases >= max(least_cases, found[name].cases + 1 if name in found else 1):
                found[name] = prior
    return found


def _learnt(kind: tuple[str, str, str], errors: Sequence[PastError]) -> dict[str, SourcePrior]:
    """What errors of one kind tell of their sources."""
    table = _Table.of(errors)
    fit = _fitted(table)
    mean, variance, noise = _of_sources(table, fit)
    if kind[0] != "log":
        # There no role is expected to err to either side, so that its mean counts as the source's.
        mean = mean + _of_roles(table, fit)
    cases: dict[str, set[str]] = {}
    for error in errors:
        cases.setdefault(error.source, set()).add(error.case)
    return {
        name: SourcePrior(
            scale=kind[0],
            unit=kind[1],
            bias=float(mean[k]),
            bias_sd=float(np.sqrt(variance[k])),
            noise=float(noise[k]),
            cases=len(cases[name]),
        )
        for k, name in enumerate(table.sources)
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """Errors as arrays of shape (error,), their effects ``matrix`` and what part each is of.

    All are in units of the figure: the mean one of its errors.
    """

    sources: tuple[str, ...]
    source_of: Indices
    figure_of: Indices
    error: Array
    stated: Array
    unit: Array
    share: Array
    matrix: csr_array
    part_of: Indices
    figures: csr_array

    @classmethod
    def of(cls, errors: Sequence[PastError]) -> _Table:
        """Arrays of some errors."""
        names, source_of = _coded([e.source for e in errors])
        _, figure_of = _coded([e.figure for e in errors])
        numbers = np.array([e[6:] for e in errors])
        of_figure = np.bincount(figure_of, numbers[:, 2]) / np.bincount(figure_of)
        error, stated, unit, share = (numbers / of_figure[figure_of, None]).T
        columns = [
            _incidence(_coded(labels)[1], loading)
            for labels, loading in (
                ([e.role for e in errors], share),
                ([e.source for e in errors], share),
                ([f"{e.source} | {e.block}" for e in errors], share),
                ([e.block for e in errors], np.ones(len(errors))),
            )
        ]
        return cls(
            sources=names,
            source_of=source_of,
            figure_of=figure_of,
            error=error,
            stated=stated,
            unit=unit,
            share=share,
            matrix=csr_array(hstack(columns)),
            part_of=np.repeat(np.arange(len(_PARTS)), [c.shape[1] for c in columns]),
            figures=_incidence(figure_of, np.ones(len(errors))),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fit:
    """Variances of the parts, of figures and of errors; factors of sources; weights of errors.

    With ``mean`` and ``variance`` of the effects given these, and ``rest`` and ``fitted``, what is
    left of each error and how well the rest is known.
    """

    parts: Array
    figure: float
    own: float
    factor: Array
    weight: Array
    mean: Array
    variance: Array
    rest: Array
    fitted: Array

    @property
    def sizes(self) -> Array:
        """All variances."""
        return np.array([*self.parts, self.figure, self.own])


def _fitted(table: _Table) -> _Fit:
    """Restricted maximum likelihood, with weights and factors."""
    size = float(np.mean(np.minimum(table.error**2, 9 * np.median(table.error**2)))) or 1.0
    loading = float(np.mean(table.share**2))
    of_bias = size / loading if loading else 0.0
    least = _NOTHING * np.array([size, *([of_bias or size] * 2), *([size] * 3)])
    n, q = table.matrix.shape
    sizes = np.array([_VAGUE * of_bias, *([_FIRST * of_bias] * 2), *([_FIRST * size] * 3)])
    sizes = np.maximum(sizes, least)
    fit = _Fit(
        parts=sizes[: len(_PARTS)],
        figure=float(sizes[-2]),
        own=float(sizes[-1]),
        factor=np.ones(len(table.sources)),
        weight=np.ones(n),
        **dict.fromkeys(("mean", "variance"), np.zeros(q)),
        **dict.fromkeys(("rest", "fitted"), np.zeros(n)),
    )
    # On small matrices BLAS threads wait for each other.
    with threadpool_limits(limits=1, user_api="blas"):
        for _ in range(_ROUNDS):
            first = _step(table, fit, least)
            second = _step(table, first, least)
            if np.all(np.abs(second.sizes - first.sizes) < _CLOSE * first.sizes + least):
                return second
            fit = _step(table, _ahead(fit, first, second, least), least)
    return fit


def _ahead(start: _Fit, first: _Fit, second: _Fit, least: Array) -> _Fit:
    """Variances further along the way that two steps went."""
    x, y, z = (np.log(np.maximum(fit.sizes, least)) for fit in (start, first, second))
    went, bent = y - x, z - 2 * y + x
    times = np.clip(np.linalg.norm(went) / max(float(np.linalg.norm(bent)), 1e-9), 1, _FURTHEST)
    sizes = np.exp(np.clip(x + 2 * times * went + times**2 * bent, z - 3, z + 3))
    sizes = np.maximum(sizes, least)
    return replace(
        second, parts=sizes[: len(_PARTS)], figure=float(sizes[-2]), own=float(sizes[-1])
    )


def _step(table: _Table, fit: _Fit, least: Array) -> _Fit:
    """One round: effects given variances, and these given effects."""
    base = table.stated**2 + fit.own * table.unit**2
    factor = fit.factor[table.source_of]
    own = base * factor
    precision, z, g = fit.weight / own, table.matrix, table.figures
    known = 1 / (1 / fit.figure + g.T @ precision)
    weighted = diags_array(precision) @ z
    by_figure = csr_array(g.T @ weighted)
    square = (z.T @ weighted - by_figure.T @ diags_array(known) @ by_figure).toarray()
    square[np.diag_indices_from(square)] += 1 / fit.parts[table.part_of]
    pull = weighted.T @ table.error - by_figure.T @ (known * (g.T @ (precision * table.error)))
    inverse = _inverse(square)
    mean = inverse @ pull
    of_each = known * (g.T @ (precision * (table.error - z @ mean)))
    shrunk = csr_array(diags_array(known) @ by_figure)
    figure_variance = known + _quadratic(shrunk, inverse)
    rest = table.error - z @ mean - of_each[table.figure_of]
    fitted = _quadratic(csr_array(z - shrunk[table.figure_of]), inverse) + known[table.figure_of]
    variance = np.diag(inverse).copy()
    parts = np.bincount(table.part_of, mean**2 + variance) / np.bincount(table.part_of)
    parts[0] = fit.parts[0]
    # What is expected of the part of an error that no source states, were all sources alike.
    seen = (rest**2 + fitted) * fit.weight / factor
    kept = fit.own * table.unit**2 / base
    of_own = kept**2 * seen / table.unit**2 + fit.own * (1 - kept)
    figure = (of_each**2 + figure_variance).mean()
    sizes = np.maximum([*parts, figure, of_own.mean()], least)
    weight = (_TAILS + 1) / (_TAILS + (rest**2 + fitted) / own)
    return _Fit(
        parts=sizes[: len(_PARTS)],
        figure=float(sizes[-2]),
        own=float(sizes[-1]),
        factor=_factors(table, weight * rest**2 / base, 1 - fit.weight * fitted / own),
        weight=weight,
        mean=mean,
        variance=variance,
        rest=rest,
        fitted=fitted,
    )


def _factors(table: _Table, square: Array, free: Array) -> Array:
    """Factor of each source on the variance of its errors, drawn towards 1."""
    n = len(table.sources)
    freedom = np.maximum(np.bincount(table.source_of, np.clip(free, 0, 1), n), 1e-3)
    total = np.bincount(table.source_of, square, n)
    ratio = np.maximum(total / freedom, 1e-9)
    logs = np.asarray(f_distribution.logpdf(ratio[:, None], freedom[:, None], _WEIGHTS))
    weight = _WEIGHTS[np.argmax(logs.sum(axis=0))]
    return np.asarray((weight + total) / (weight + freedom))


def _of_sources(table: _Table, fit: _Fit) -> tuple[Array, Array, Array]:
    """Bias in the next case, its variance, and factor on all else of a source's error."""
    source, change = (_PARTS.index(name) for name in ("source", "change"))
    mine = table.part_of == source
    n = np.bincount(table.source_of)
    base = table.stated**2 + fit.own * table.unit**2
    usual = np.bincount(table.source_of, base) / n
    loading = np.bincount(table.source_of, table.share**2) / n
    # Of a source that nothing is known of, its bias is part of the error of its role.
    between = loading * (fit.parts[source] + fit.parts[change])
    noise = np.sqrt(fit.factor * usual / (usual + between))
    variance = np.where(loading > 0, fit.variance[mine] + fit.parts[change], 0.0)
    return fit.mean[mine], variance, noise


def _inverse(matrix: Array) -> Array:
    """Inverse of a positive definite matrix, from its Cholesky factor."""
    half, _ = dpotri(cholesky(matrix, lower=True, overwrite_a=True), lower=1)
    return np.asarray(np.tril(half) + np.tril(half, -1).T)


def _of_roles(table: _Table, fit: _Fit) -> Array:
    """Mean error of the roles that each source had, beside that of all."""
    of_role = table.matrix @ np.where(table.part_of == _PARTS.index("role"), fit.mean, 0.0)
    of_role = of_role / table.share
    n = np.bincount(table.source_of)
    return np.asarray(np.bincount(table.source_of, of_role - of_role.mean()) / n)


def _quadratic(rows: csr_array, matrix: Array) -> Array:
    """``x' M x`` of each row."""
    return np.asarray(rows.multiply(rows @ matrix).sum(axis=1)).ravel()


def _coded(labels: Sequence[str]) -> tuple[tuple[str, ...], Indices]:
    names, codes = np.unique(labels, return_inverse=True)
    return tuple(map(str, names)), np.asarray(codes, dtype=np.intp)


def _incidence(codes: Indices, loading: Array) -> Any:
    n = len(codes)
    return csr_array((loading, codes, np.arange(n + 1)), shape=(n, int(codes.max()) + 1))
