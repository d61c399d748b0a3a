"""What is written instead of a function of another language: it runs, and has the meaning of that."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from scipy import special

import adcli
from adcli.program.elsewhere import ELSEWHERE
from adcli.program.library import LIBRARY
from adcli.rules.table import ALIASES, FUNCTIONS


def test_no_name_of_another_language_is_one_of_ours() -> None:
    ours = {name for name in ELSEWHERE if name in FUNCTIONS}
    assert ours == {"select", "diff"}  # the one is called so in formulas alone, the other takes an array, and no name


@pytest.mark.parametrize(
    ("name", "at", "value"),
    [
        ("exp1", {"a": 1.0}, 0.21938393439552027), ("log1mexp", {"a": -2.0}, math.log(1 - math.exp(-2))),
        ("selu", {"a": -1.0}, -1.1113307378125625), ("mish", {"a": 1.0}, 0.8650983882673103),
        ("entr", {"a": 0.5}, 0.34657359027997264), ("kl_div", {"a": 0.5, "b": 0.25}, 0.09657359027997264),
        ("acoth", {"a": 2.0}, 0.5493061443340548), ("normpdf", {"a": 1.0}, 0.24197072451914337),
        ("log_sigmoid", {"a": 1.0}, -0.31326168751822286),
        ("ive", {"a": 1.0, "b": 2.0}, 0.21526928924893767), ("gd", {"a": 1.0}, 0.8657694832396586),
    ],
)  # fmt: skip
def test_what_is_written_instead_has_the_same_value(name: str, at: dict[str, float], value: float) -> None:
    found = re.match("write `([^`]+)`", ELSEWHERE[name])
    assert found
    assert adcli.expression(found[1]).evaluate(at).outputs["value"] == pytest.approx(value, rel=1e-13)


def help_for(name: str) -> str:
    with pytest.raises(adcli.AdError) as caught:
        adcli.expression(f"{name}(x)")
    return caught.value.problems[0].help


@pytest.mark.parametrize("name", ["psi", "kv", "nansum", "fft", "interp1d", "heaviside", "besselj", "sind", "dgamma"])
def test_who_looks_for_it_is_told(name: str) -> None:
    assert help_for(name) == ELSEWHERE[name]


@pytest.mark.parametrize("name", ["zeta", "hyp2f1", "eta", "pchip"])
def test_what_there_is_not(name: str) -> None:
    assert help_for(name) == "the language does not have it; `adcli rules` lists what there is"


def test_a_name_that_may_be_an_input_is_no_function() -> None:
    with pytest.raises(adcli.AdError) as caught:
        adcli.parse("input x\noutput y = eta * x")
    assert "does not have" not in caught.value.problems[0].help


@pytest.mark.parametrize(("written", "meant"), [
    ("sni", "sin"), ("sqtr", "sqrt"), ("sinn", "sin"), ("Exp", "exp"), ("logsumxp", "logsumexp"), ("tanhh", "tanh"),
    ("log_sum_exp", "logsumexp"), ("leakyrelu", "leaky_relu"), ("transpoes", "transpose"), ("choleski", "cholesky"),
    ("sigmiod", "sigmoid"), ("softmaxx", "softmax"), ("gamminc", "gammainc"), ("derivatve", "derivative"),
])  # fmt: skip
def test_slips_of_the_finger(written: str, meant: str) -> None:
    assert help_for(written) == f"did you mean `{meant}`?"


# Functions of Python, NumPy, SciPy, PyTorch, Julia, MATLAB and R that are none of ours.
FOREIGN = """
abs2 acosd acsc addmm agm airy allclose amax any apply approx arange argwhere asind atand average avg_pool1d
batch_norm bdtr bei ber bessel besselk betaincc bincount block bmm broadcast_to cdist chdtr cheb cis colSums compress
cond conj conv1d convolve copy cor cosd cosm1 cov crossprod cummax cumtrapz cut dbeta dbinom deal deg2rad delete
dgamma dilog dirac dist distance divmod dnorm dpois dropout dstack ediff1d eig eigen eigvals ellipj ellipk elliprf eta
euler evalpoly exp10 expand_dims expint exprel extract factor factorial2 factorialk fdim fdtr fft filter find
findInterval flip fliplr flipsign fmin fminsearch fminunc fresnel frexp full funm fzero gather gcd gegenbauer glu
hankel hardshrink haversine hermite hist histc hyp2f1 ilogb imag index_select insert interp1 interp2 invert isapprox
isin isnan isqrt ivp jacobi jve k0 kei kelvin ker laguerre lambda lapply lbeta lchoose lcm ldexp legendre less lexsort
lfactorial lgamma1p load log1mexp log1pmx logaddexp2 logb logcosh logical_and logm logspace lu lu_solve map
masked_fill matrix_rank meshgrid mish mod1 modf multigammaln mv mvlgamma nancumsum nbdtr ndgrid ndim ndtri_exp
nextafter nonzero normalize nthroot nullspace ones_like optim orth owens_t pad pbeta pchip pdist pdtr percentile perms
pgamma pinvh place pmax poly polyfit polylog primes quad quantile rank ravel real reallog rect reduce reflect remquo
repeat repmat rescale resize rfft rnorm roots rot90 rowSums rrelu sample saturate scan scatter sech setdiff1d sgn
signbit sincos sind skew slogdet smirnov smoothstep softshrink sortrows spacing spherical_jn spline split sqrtm
squeeze stdtr step struve svdvals swish tabulate tand tau tensordot topk tr trapz tri tril_indices trimmed unique
unwrap vec vecdot vmap wofz xlogx yve zeros_like zeta zipf
"""
SAME = {"pinvh": "pinv"}  # what a suggestion may be for


def installed_names() -> set[str]:
    found = set(dir(math))
    for module in (np, np.linalg, special):
        found |= {name for name in dir(module) if callable(getattr(module, name))}
    types = {"int_", "str_"}
    return {name for name in found if name[0].isalpha() and name.islower() and name.isidentifier()} - types


def test_a_suggestion_is_never_a_function_of_another_meaning() -> None:
    names = sorted({*FOREIGN.split(), *installed_names()} - {*FUNCTIONS, *ALIASES, *LIBRARY, "where", "einsum"})
    assert len(names) > 600
    wrong = {}
    for name in names:
        suggested = re.match("did you mean `(.*)`", help_for(name))
        if suggested and SAME.get(name) != suggested[1]:
            wrong[name] = suggested[1]
    assert wrong == {}


def test_what_is_to_be_written_is_of_the_language() -> None:
    written = {
        text for answer in ELSEWHERE.values() for text in re.findall("write `([^`]*)`", answer) if "…" not in text
    }
    assert len(written) > 90
    for text in written:
        targets = re.match(r"(\w+)(, \w+)+ = ", text)
        result = f"{text}; {targets[1]}" if targets else text
        adcli.expression(f"def f(t, u = 0) = t + u; {result}")


def test_a_name_that_is_close_to_an_input_is_that() -> None:
    with pytest.raises(adcli.AdError, match="`lbeta` is not defined") as caught:
        adcli.parse("input lbetas\noutput y = lbeta * 2")
    assert caught.value.problems[0].help == "did you mean `lbetas`?"
