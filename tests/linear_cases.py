"""Sets of claims on figures that may be negative, which the tests of them share."""

import numpy as np

import reconcile as rc

C = rc.Claim
COLD = {"figure": "temperature", "scale": "linear"}
FIGURE = rc.Figure(name="temperature", unit="degrees", scale="linear")


def cold(*claims: rc.Claim, figure: rc.Figure = FIGURE) -> rc.ClaimSet:
    """Claims on a January temperature."""
    return rc.ClaimSet(claims, figures=[figure])


def said_of(source: str, **more: str) -> dict[str, str]:
    return {**COLD, "source": source, **more}


NUMBERS = (
    C.standard_error(-14.2, 0.8, **said_of("station")),
    C.point(-16.5, **said_of("logbook")),
    C.about(-10, **said_of("trapper")),
    C.between(-18, -11, **said_of("reanalysis")),
    C.interval(-17, -9, 0.9, value=-12, **said_of("tree rings")),
    C.interval(-15, -12, 0.5, **said_of("station")),
)
OTHERS = (
    C.at_least(-13, **said_of("harbour", role="own")),
    C.at_most(-2, **said_of("station", role="third")),
    C.point(3.5, **said_of("telegram", role="leak"), status="withdrawn: a typing error"),
    C.at_most(-20, **said_of("telegram", role="leak"), status="withdrawn"),
    C.point(-1, **said_of("trapper", role="media"), status="revised"),
    C.point(-1.5, **said_of("pilot", role="media"), status="revised: no other"),
    C.between(-60, 10, guaranteed=True, **said_of("physics")),
)
TRUTH = C.truth(-14.5, -13, **said_of("later study"))


def moved(claims: rc.ClaimSet, *, by: float = 0.0, times: float = 1.0) -> rc.ClaimSet:
    """The same claims in another unit, counted from another zero."""

    def number(x: float | None) -> float | None:
        # Decimal digits stay decimal digits: they say how far a number is rounded.
        return None if x is None else float(np.round(by + times * x, 9))

    def one(claim: rc.Claim) -> rc.Claim:
        fields = {name: number(getattr(claim, name)) for name in ("value", "low", "high")}
        return rc.Claim(
            kind=claim.kind,
            figure=claim.figure,
            source=claim.source,
            role=claim.role,
            status=claim.status,
            scale="linear",
            coverage=claim.coverage,
            **fields,
        )

    return claims.replace([one(claim) for claim in claims])
