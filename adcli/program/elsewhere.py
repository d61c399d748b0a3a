"""What other languages and books call what the language has under another name, or does not have."""

from __future__ import annotations

from adcli.rules.smooth import HYPERBOLIC, POWERS_AND_EXPONENTIALS, PROBABILITY, TRIGONOMETRIC

# The names, and what is said of them; a single word is our name of the function.
_TABLE = r"""
PI Pi: write `pi`
Inf infinity Infinity: write `inf`
nan NaN: NaN is `0 / 0`
True true False false: a condition compares: `1 > 0`
None null nil: every value is a number

ln loge Ln LN: log
lb ld: log2
lg: log10
tg: tan
arcsin: asin
arccos: acos
arctan arctg atg: atan
arctan2: atan2
sh: sinh
ch: cosh
th: tanh
arcsinh arsinh: asinh
arccosh arcosh: acosh
arctanh artanh: atanh
fabs absolute: abs
sgn signum: sign
floormod floor_mod: mod
rem: fmod
fix: trunc
logistic sigm inv_logit: sigmoid
swish: silu
log1pexp: softplus
logsubexp logdiffexp: log_diff_exp
normcdf norm_cdf pnorm: ndtr
norminv norm_ppf qnorm probit: ndtri
lognormcdf: log_ndtr
tgamma Gamma: gamma
Ei expint_ei: expi
lambert_w productlog LambertW: lambertw
besseli: iv
besselj jn jve: jv
bessely yn yve: yv
psi: digamma
sincpi: sinc
fact: factorial
nchoosek binomial choose: binom
Beta: beta
lbeta logbeta: betaln
lrelu: leaky_relu
lse: logsumexp
logsoftmax: log_softmax
rint nearest around lround llround nearbyint: round
gammaln loggamma: lgamma
maximum fmax amax pmax: max
minimum fmin amin pmin: min
fsum: sum
average: mean
diagonal: diag
kronecker: kron
vecdot: dot
tr: trace
repmat rep: tile
ger: outer
cumulative_sum: cumsum
cumulative_prod: cumprod
stdev sd: std
slogdet logabsdet: logdet
select ifelse iif piecewise cond: where

pow power: a power is `a ^ b`
print printf disp println: `output y` names what a program gives
diff deriv differentiate D d: a derivative is `derivative(x^2, x)`; `adcli grad` gives those by all inputs
grad gradient nabla: `adcli grad` gives all derivatives; `derivative(x^2, x)` is one
jacobian jac jacrev jacfwd: `adcli jacobian` gives it for a program
hessian: `adcli hessian` gives it for a program
jvp: `adcli jvp` gives it for a program
vjp: `adcli vjp` gives it for a program
hvp: `adcli hvp` gives it for a program
integral int quad quadgk nquad romberg: an integral is `integrate(f, a, b)`, of a function that `def` defines
lim limit: there are no limits: write what holds there, or choose with `where`
perm nPr: write `factorial(n) / factorial(n - k)`
remainder: NumPy's is `mod(a, b)`; that of C, which rounds the quotient, is `a - b * round(a / b)`
rand randn random uniform normal rnorm runif rbinom rbeta rpois rexp: nothing is drawn: random numbers are an input
dropout rrelu randint shuffle sample: nothing is drawn: random numbers are an input
rgamma: write `1 / gamma(a)`
trigamma: write `polygamma(1, a)`
kv kn k0 k1 k0e k1e kve besselk: there is none of this kind; `iv(n, a)` is of the first
ive: write `exp(-abs(b)) * iv(a, b)`
exp1: write `-expi(-a)`
expn: there is `expi(a)`; the first of the family is `-expi(-a)`
erfi: there is none; of small numbers `exp(a^2)` and `erfcx` may do
exp10: write `10^a`
log1mexp: write `log_diff_exp(0, a)`, which is log(1 - exp(a))
log_sigmoid logsigmoid log_expit: write `-softplus(-a)`
hardtanh: write `min(max(a, -1), 1)`
relu6: write `min(relu(a), 6)`
selu: write `1.0507009873554805 * elu(a, 1.6732632423543772)`
celu: write `elu(a / b, 1) * b`
mish: write `a * tanh(softplus(a))`
softsign: write `a / (1 + abs(a))`
heaviside step unitstep: write `where(x > 0, 1, 0)`: it jumps, and its derivative is 0
clamp: write `clip(x, low, high)`
lerp mix: write `a + t * (b - a)`
nansum nanmean nanmax nanmin nanprod nanvar nanstd nanmedian: nothing leaves NaN out: `where` can choose elements
nancumsum nancumprod nanargmax nanargmin: nothing leaves NaN out: `where` can choose elements
isnan isfinite isinf: a NaN is what differs from itself: `x != x`
fft ifft rfft dft: there is none: a transform is a product with a matrix, `F @ x`
interp1d interp1 approx griddata: write `interp(x, xs, ys)`, or `cubic_spline(x, xs, ys)`
spline CubicSpline interp_cubic: write `cubic_spline(x, xs, ys)`
solve_ivp ode ode45 ode23 rk4 ODEProblem: write `odeint(f, y0, t)`, with y' = f(y, t)
horner: write `polyval(p, x)`, the highest power first
real imag conj conjugate arg angle cis: all are real; the angle of a point is `atan2(y, x)`
reciprocal recip rcp: write `1 / a`
negative neg: write `-a`
add plus: write `a + b`
subtract minus: write `a - b`
multiply times: write `a * b`
divide true_divide rdivide: write `a / b`
floor_divide idiv: write `floor(a / b)`
rsqrt invsqrt: write `1 / sqrt(a)`
deg2rad radians radian: write `a * pi / 180`
rad2deg degrees degree: write `a * 180 / pi`
frac fract: write `a - floor(a)`
ldexp: write `a * 2^b`
normpdf norm_pdf dnorm: write `gauss(a / 2)^2 / sqrt(2 * pi)`
asec arcsec: write `acos(1 / a)`
acsc arccsc: write `asin(1 / a)`
asech arcsech: write `acosh(1 / a)`
acoth arccoth: write `atanh(1 / a)`
versin: write `1 - cos(a)`, near 0 `2 * sin(a / 2)^2`
haversin hav: write `sin(a / 2)^2`
gd: write `2 * atan(tanh(a / 2))`
boxcox: write `(a^b - 1) / b`, near b = 0 `expm1(b * log(a)) / b`
rel_entr: write `xlogy(a, a) - xlogy(a, b)`
entr: write `-xlogy(a, a)`
kl_div: write `xlogy(a, a) - xlogy(a, b) - a + b`
huber: write `where(abs(r) <= d, r^2 / 2, d * (abs(r) - d / 2))`
cot ctg cotan: write `1 / tan(a)`
sec: write `1 / cos(a)`
csc cosec: write `1 / sin(a)`
coth: write `1 / tanh(a)`
csch: write `1 / sinh(a)`
acot arccot: write `atan(1 / a)`
root nthroot: a root is a power: `a^(1/3)`; the real cube root is `cbrt(a)`
sqr square abs2: write `a^2`
if If: a choice is `where(x > 0, a, b)`
Sum summation: write `sum(k^2 for k = 1 to 10)`
product Product: write `prod(k^2 for k = 1 to 10)`
range: a loop is `for k = 1 to 10`
end: the last element is `x[-1]`
len numel nrow size shape: the number of rows is `length(A)`
matmul mm bmm mv: the product of matrices is `A @ B`
inner vdot: write `dot(a, b)`
identity I: write `eye(n)`
array vector matrix: an array is written `[1, 2, 3]`
concatenate vcat hcat hstack append block bmat: write `concat(a, b)`
vstack rbind: write `stack(a, b)`
variance: write `var(a)`
sind sindg: angles are in radians: write `sin(a * pi / 180)`
cosd cosdg: angles are in radians: write `cos(a * pi / 180)`
tand tandg: angles are in radians: write `tan(a * pi / 180)`
asind asindg: angles are in radians: write `asin(a) * 180 / pi`
acosd acosdg: angles are in radians: write `acos(a) * 180 / pi`
atand atandg: angles are in radians: write `atan(a) * 180 / pi`
bdtr bdtrc bdtri fdtr fdtrc fdtri stdtr stdtrit nbdtr: write it with `betainc(a, b, x)` or `betaincinv(a, b, p)`
nbdtri: write it with `betainc(a, b, x)` or `betaincinv(a, b, p)`
gdtr gdtrc pdtr pdtrc pdtri chdtr chdtrc: write it with `gammainc(a, x)`, `gammaincc(a, x)` or `gammainccinv(a, p)`
chdtri: write it with `gammainc(a, x)`, `gammaincc(a, x)` or `gammainccinv(a, p)`
betaincc: write `betainc(b, a, 1 - x)`
betainccinv: write `1 - betaincinv(b, a, p)`
dbeta: write `beta_density(a, b, x)`
pbeta: write `betainc(a, b, x)`
qbeta: write `betaincinv(a, b, p)`
dgamma: write `gamma_density(a, x)`
pgamma: write `gammainc(a, x)`
qgamma: write `gammaincinv(a, p)`
dbinom: write `binom(n, k) * p^k * (1 - p)^(n - k)`
pbinom: write `betainc(n - k, k + 1, 1 - p)`
dpois: write `gamma_density(k + 1, m)`
ppois: write `gammaincc(k + 1, m)`
dexp: write `m * exp(-m * x)`
pexp: write `-expm1(-m * x)`
cov cor corrcoef: the covariance is `mean((a - mean(a)) * (b - mean(b)))`
lfactorial logfactorial lgamma1p: write `lgamma(a + 1)`
lchoose logbinom: write `-betaln(n - k + 1, k + 1) - log(n + 1)`
logaddexp2: write `log2(2^a + 2^b)`
logb ilogb: write `floor(log2(abs(a)))`
modf: the parts are `trunc(a)` and `a - trunc(a)`
isqrt: write `floor(sqrt(a))`
xlogx: write `xlogy(a, a)`
cosm1: write `-2 * sin(a / 2)^2`
powm1: write `expm1(b * log(a))`
exprel: write `expm1(a) / a`
tanpi: write `sinpi(a) / cospi(a)`
sincos sincospi: write both: `s, c = sin(a), cos(a)`
signbit: write `where(a < 0, 1, 0)`
ivp yvp kvp: a derivative is `derivative(jv(1, x), x)`
glu: write `a * sigmoid(b)`, with the two halves
isclose allclose: write `abs(a - b) <= 1e-8`
trapezoid trapz: of values write `dot(diff(x), y[1:] + y[:-1]) / 2`; of a function, `integrate`
flip flipud rev reverse: write `a[::-1]`
arange: write `[i for i = 0 to n - 1]`
logspace: write `10^linspace(a, b, n)`
zeros_like ones_like full fill: write `zeros(n)`, with the sizes, plus a number
ravel flatten squeeze expand_dims vec: write `reshape(A, n)`, with the sizes
map apply sapply lapply vmap: functions of numbers take arrays as well; else write `[f(x[i]) for i = 0 to n - 1]`
arrayfun: functions of numbers take arrays as well; else write `[f(x[i]) for i = 0 to n - 1]`
any all: comparisons are numbers: any is `max(x > 0)`, all is `min(x > 0)`
eig eigen eigvals: of a symmetric matrix write `w, V = eigh(A)`; others have none here
svdvals: write `U, s, Vt = svd(A)`
sqrtm logm funm: of a symmetric matrix write `w, V = eigh(A)` and `V @ diag(log(w)) @ V'`
lu: `solve(A, b)`, `det(A)` and `inv(A)` use it
normalize unit: write `a / norm(a)`
cosine_similarity: write `dot(a, b) / (norm(a) * norm(b))`
mse_loss: write `mean((a - b)^2)`
cross_entropy: of the scores z of one example, whose class is k, write `-log_softmax(z)[k]`
smoothstep: write `t^2 * (3 - 2 * t)`
fzero fsolve uniroot brentq bisect findroot: write a statement, `solve x from 1 in x^2 == a`
"""
# Functions that there are not, and some that look like one of another meaning. Some may well be inputs: `eta`, `tau`.
_ABSENT = """
zeta zetac eta hyp2f1 hyp1f1 hyperu hyp0f1 ellipk ellipe ellipj airy spence wofz dawsn sici fresnel shichi
factorial2 factorialk multigammaln mvlgamma polylog dilog struve hankel legendre jacobi hermite laguerre chebyshev
isin ix_ tau tri interp2 interpn pchip quantile percentile cumtrapz cummax cummin meshgrid roots poly polyfit convolve
correlate hamming histc unique nullspace rank matrix_rank pad frexp scalbn remquo nextafter spacing gcd lcm primes
bernoulli euler softshrink hardshrink mod1 dstack long short
"""
NOT_HERE = "the language does not have it; `adcli rules` lists what there is"


def _answers(table: str) -> dict[str, str]:
    answers = {}
    for line in table.split("\n"):
        names, _, answer = line.partition(": ")
        said = f"write `{answer}(…)`" if answer.isidentifier() else answer
        answers.update(dict.fromkeys(names.split(), said))
    return answers


ELSEWHERE = _answers(_TABLE)
ABSENT = frozenset(_ABSENT.split())

# Names that stand for one value everywhere: nobody means an input by them.
_CONSTANTS = frozenset(ELSEWHERE) & frozenset(_TABLE.partition("\n\n")[0].replace(":", "").split())

# Functions of one number that are known by these names everywhere. `length` or `min` may well be an input.
_FAMILIES = (POWERS_AND_EXPONENTIALS, TRIGONOMETRIC, HYPERBOLIC, PROBABILITY)
_WELL_KNOWN = frozenset({row.name for family in _FAMILIES for row in family} | {"abs"})


def is_meant_otherwise(name: str) -> bool:
    """Whether a name that nothing defines is meant as a function or a constant: `sin[x]`, `2 * PI`."""
    return name in _CONSTANTS or name.lower() in _WELL_KNOWN
