// The functions of numbers that a program computes with, as the Python kernels have them, and numbers as text.
//
// `Math` answers infinities, NaN and the signs of zeros as IEEE 754 does; what stands here besides it does too.

// Functions that `Math` lacks, or that lose digits there

const SPLITTER = 134217729; // 2^27 + 1: Veltkamp's splitting

/** The high part of a number with 26 bits, whose square is exact. */
function highPart(a) {
  const scaled = SPLITTER * a;
  return scaled - (scaled - a);
}

/** What a product of two numbers is rounded by (Dekker). */
function productRest(a, b, product) {
  const aHigh = highPart(a);
  const bHigh = highPart(b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  return aLow * bLow - (((product - aHigh * bHigh) - aLow * bHigh) - aHigh * bLow);
}

/** The size of a number with the sign of another one. */
function withSign(size, sign) {
  const negative = sign < 0 || Object.is(sign, -0);
  return negative ? -Math.abs(size) : Math.abs(size);
}

/** a to the power of b as C has it: 1 to any power is 1, and so is -1 to an infinite one. */
function realPower(a, b) {
  if (b === 2) return a * a;
  if (a === 1 || (a === -1 && Math.abs(b) === Infinity)) return 1;
  return Math.pow(a, b);
}

/** a to the power of b times the logarithm of a, and 0 where the power is. */
function powerLog(a, b) {
  const power = realPower(a, b);
  return power === 0 && a >= 0 ? 0 : power * Math.log(a);
}

function oneMinusSquare(a) {
  return (1 - a) * (1 + a);
}

/** The length of a vector: the root of the sum of the squares, mended by what the squares were rounded by. */
function realHypot(a, b) {
  let large = Math.abs(a);
  let small = Math.abs(b);
  if (large === Infinity || small === Infinity) return Infinity;
  if (!(large >= small)) [large, small] = [small, large];
  if (!(small > large * 1e-17)) return large + small;
  const scale = large > 1e150 ? 2 ** -600 : small < 1e-140 ? 2 ** 600 : 1;
  large *= scale;
  small *= scale;
  const largeSquare = large * large;
  const smallSquare = small * small;
  const length = Math.sqrt(largeSquare + smallSquare);
  const square = length * length;
  const above = ((square - largeSquare) - smallSquare) + productRest(length, length, square)
    - productRest(large, large, largeSquare) - productRest(small, small, smallSquare);
  return (length - above / (2 * length)) / scale;
}

/** a / hypot(a, b), without overflow; NaN for (0, 0), which has no direction. */
function overHypot(a, b) {
  const length = realHypot(a, b);
  return length ? a / length : NaN;
}

/** exp(-a²) to about an ulp. Rounding a² would cost a² ulp: the square's low part goes in separately. */
function realGauss(a) {
  if (Math.abs(a) > 28) return 0; // exp(-784) is below the smallest number
  const high = highPart(a);
  const low = a - high;
  return Math.exp(-high * high) * Math.exp(-low * (a + high));
}

/** 1 / cosh(a), without overflow. */
function realSech(a) {
  return Math.abs(a) < 700 ? 1 / Math.cosh(a) : 2 * Math.exp(-Math.abs(a));
}

/** 1 / (1 + exp(-a)), without overflow and without loss on either side. */
function realSigmoid(a) {
  if (a >= 0) return 1 / (1 + Math.exp(-a));
  const small = Math.exp(a);
  return small / (1 + small);
}

/** log(1 + exp(a)), without overflow and without loss on either side. */
function realSoftplus(a) {
  return a > 0 ? a + Math.log1p(Math.exp(-a)) : Math.log1p(Math.exp(a));
}

/** What a is beyond the nearest even number, exactly. */
function beyondEven(a) {
  const rest = a % 2;
  return rest > 1 ? rest - 2 : rest < -1 ? rest + 2 : rest;
}

/** sin(pi a): exactly 0 at whole numbers, with a's sign, and as accurate far out as near 0. */
function realSinpi(a) {
  if (!Number.isFinite(a)) return NaN;
  const rest = beyondEven(a);
  const size = Math.abs(rest);
  if (size === 0 || size === 1) return withSign(0, a);
  if (size > 0.25 && size <= 0.75) return withSign(Math.cos(Math.PI * (0.5 - size)), rest);
  return withSign(Math.sin(Math.PI * Math.min(size, 1 - size)), rest);
}

/** cos(pi a): exactly 0 at halves of odd numbers, and as accurate far out as near 0. */
function realCospi(a) {
  if (!Number.isFinite(a)) return NaN;
  const size = Math.abs(beyondEven(a));
  if (size > 0.25 && size <= 0.75) return Math.sin(Math.PI * (0.5 - size));
  return size <= 0.25 ? Math.cos(Math.PI * size) : -Math.cos(Math.PI * (1 - size));
}

/** -1, 0 or 1; NaN for NaN. */
function realSign(a) {
  return a > 0 ? 1 : a < 0 ? -1 : a === 0 ? 0 : NaN;
}

/** The largest operand, the first of equal ones; NaN if any is. */
function realMaximum(...operands) {
  let largest = operands[0];
  for (const operand of operands) {
    if (operand !== operand) return NaN;
    if (operand > largest) largest = operand;
  }
  return largest;
}

/** The smallest operand, the first of equal ones; NaN if any is. */
function realMinimum(...operands) {
  let smallest = operands[0];
  for (const operand of operands) {
    if (operand !== operand) return NaN;
    if (operand < smallest) smallest = operand;
  }
  return smallest;
}

function shareOf(extreme, operands) {
  if (extreme !== extreme) return NaN;
  return operands[0] === extreme ? 1 / operands.filter((operand) => operand === extreme).length : 0;
}

/** The nearest integer, the even one of two, with a's sign where it is zero. */
function realNearest(a) {
  const below = Math.floor(a);
  const fraction = a - below;
  if (!(fraction > 0)) return a; // whole, infinite or NaN
  const up = fraction > 0.5 || (fraction === 0.5 && below % 2 !== 0);
  return withSign(up ? below + 1 : below, a);
}

/** a - b floor(a / b): the remainder with b's sign. */
function realMod(a, b) {
  const rest = a % b;
  if (rest === 0) return withSign(0, b);
  return (b < 0) === (rest < 0) ? rest : rest + b;
}

// The error function

// The rational approximations of FreeBSD's s_erf.c (Sun Microsystems, 1993, fdlibm), lowest power first: below 0.84375,
// about 1, up to 1 / 0.35, and beyond it.
const ERF_SMALL = [
  [1.28379167095512558561e-01, -3.25042107247001499370e-01, -2.84817495755985104766e-02, -5.77027029648944159157e-03,
    -2.37630166566501626084e-05],
  [1, 3.97917223959155352819e-01, 6.50222499887672944485e-02, 5.08130628187576562776e-03, 1.32494738004321644526e-04,
    -3.96022827877536812320e-06],
];
const ERF_ABOUT_ONE = [
  [-2.36211856075265944077e-03, 4.14856118683748331666e-01, -3.72207876035701323847e-01, 3.18346619901161753674e-01,
    -1.10894694282396677476e-01, 3.54783043256182359371e-02, -2.16637559486879084300e-03],
  [1, 1.06420880400844228286e-01, 5.40397917702171048937e-01, 7.18286544141962662868e-02, 1.26171219808761642112e-01,
    1.36370839120290507362e-02, 1.19844998467991074170e-02],
];
const ERFC_MIDDLE = [
  [-9.86494403484714822705e-03, -6.93858572707181764372e-01, -1.05586262253232909814e+01, -6.23753324503260060396e+01,
    -1.62396669462573470355e+02, -1.84605092906711035994e+02, -8.12874355063065934246e+01, -9.81432934416914548592e+00],
  [1, 1.96512716674392571292e+01, 1.37657754143519042600e+02, 4.34565877475229228821e+02, 6.45387271733267880336e+02,
    4.29008140027567833386e+02, 1.08635005541779435134e+02, 6.57024977031928170135e+00, -6.04244152148580987438e-02],
];
const ERFC_FAR = [
  [-9.86494292470009928597e-03, -7.99283237680523006574e-01, -1.77579549177547519889e+01, -1.60636384855821916062e+02,
    -6.37566443368389627722e+02, -1.02509513161107724954e+03, -4.83519191608651397019e+02],
  [1, 3.03380607434824582924e+01, 3.25792512996573918826e+02, 1.53672958608443695994e+03, 3.19985821950859553908e+03,
    2.55305040643316442583e+03, 4.74528541206955367215e+02, -2.24409524465858183362e+01],
];
const ERF_AT_ONE = 8.45062911510467529297e-01; // erf(1), rounded to a float of 32 bits
const ERF_SLOPE_LESS_ONE = 1.28379167095512586316e-01; // 2 / sqrt(pi) - 1

/** The quotient of two polynomials, lowest power first. */
function rationalAt([numerator, denominator], a) {
  const value = (coefficients) => coefficients.reduceRight((total, coefficient) => total * a + coefficient, 0);
  return value(numerator) / value(denominator);
}

/** erfc of what is at least 1.25, up to 28. */
function erfcFar(a) {
  const ratio = rationalAt(a < 1 / 0.35 ? ERFC_MIDDLE : ERFC_FAR, 1 / (a * a));
  const high = Math.fround(a); // few bits, so that its square is exact
  return Math.exp(-high * high - 0.5625) * Math.exp((high - a) * (high + a) + ratio) / a;
}

/** The error function. */
function realErf(a) {
  const size = Math.abs(a);
  if (size < 2 ** -28) return a + ERF_SLOPE_LESS_ONE * a;
  if (size < 0.84375) return a + a * rationalAt(ERF_SMALL, a * a);
  if (size < 1.25) return withSign(ERF_AT_ONE + rationalAt(ERF_ABOUT_ONE, size - 1), a);
  return size !== size ? NaN : withSign(size < 6 ? 1 - erfcFar(size) : 1, a);
}

/** 1 - erf(a), accurate for large a. */
function realErfc(a) {
  const size = Math.abs(a);
  if (size < 0.84375) {
    const ratio = rationalAt(ERF_SMALL, a * a);
    return a < 0.25 ? 1 - (a + a * ratio) : 0.5 - (a - 0.5 + a * ratio);
  }
  if (size < 1.25) {
    const ratio = rationalAt(ERF_ABOUT_ONE, size - 1);
    return a > 0 ? 1 - ERF_AT_ONE - ratio : 1 + (ERF_AT_ONE + ratio);
  }
  if (size !== size) return NaN;
  if (a < 0) return a > -6 ? 2 - erfcFar(size) : 2;
  return a < 28 ? erfcFar(a) : 0;
}

// The gamma function's family. Formulas are those of the NIST Digital Library of Mathematical Functions (DLMF),
// https://dlmf.nist.gov, by their numbers there.

const EULER = 0.5772156649015329;
const HALF_LOG_TWO_PI = 0.9189385332046728;
const LARGE_ARGUMENT = 10; // from here on the asymptotic series have all their digits
// B(2k) for k = 1, 2, … (DLMF 24.2, Table 24.2.1)
const BERNOULLI = [
  1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330, 854513 / 138,
  -236364091 / 2730, 8553103 / 6, -23749461029 / 870, 8615841276005 / 14322,
];
// zeta(k) - 1 for k = 2 … 11 (DLMF 25.2.1); from 12 on the sum itself is short
const ZETA_LESS_ONE = [
  0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993, 0.01734306198444914,
  0.008349277381922827, 0.00407735619794434, 0.0020083928260822143, 0.0009945751278180853, 0.0004941886041194645,
];
const ZETA_TERMS = 56;
const HIGHEST_ORDER = 500; // of polygamma: the work grows with the order's square
// The positive zero of digamma, in two parts (OEIS A030169).
const DIGAMMA_ZERO = 1.4616321449683622;
const DIGAMMA_ZERO_REST = 9.549995429965697e-17;

/** A function without operands, computed once: when it is first asked for. */
function onceAsked(make) {
  let made = null;
  return () => (made ??= make());
}

/** (-1)^k (zeta(k) - 1) for k = 2, 3, …: what digamma(2 + z) multiplies z^(k-1) by (DLMF 5.7.4). */
const zetaSeries = onceAsked(() => {
  const sizes = [...ZETA_LESS_ONE];
  for (let k = 12; k < ZETA_TERMS + 2; k += 1) {
    let total = 0;
    for (let n = 60; n > 1; n -= 1) total += n ** -k;
    sizes.push(total);
  }
  return sizes.map((size, place) => (place % 2 ? -size : size));
});

/** The coefficients of digamma(2 + z) / (z - z0), highest power first: the zeta series divided by its root. */
const aboutDigammaZero = onceAsked(() => {
  const quotient = [];
  let last = 0;
  for (const coefficient of [...zetaSeries()].reverse()) {
    last = last * (DIGAMMA_ZERO - 2) + coefficient;
    quotient.push(last);
  }
  return quotient;
});

/** The coefficients of lgamma(2 + z) / z, highest power first (DLMF 5.7.3). */
const lgammaSeries = onceAsked(() => {
  const terms = zetaSeries().map((coefficient, place) => coefficient / (place + 2));
  return [...terms.reverse(), 1 - EULER];
});

/** A polynomial by Horner's rule, the coefficient of the highest power first. */
function hornerAt(coefficients, a) {
  return coefficients.reduce((total, coefficient) => total * a + coefficient, 0);
}

/** cot(πa), with all digits near its zeros at the half-integers too. */
function cotPi(a) {
  const rest = a - realNearest(a);
  return withSign(Math.sin(Math.PI * (0.5 - Math.abs(rest))), rest) / Math.sin(Math.PI * Math.abs(rest));
}

/** log|Γ(a)|. For a < 0 the error is a few ulp of the larger term of the reflection (DLMF 5.5.3). */
function realLgamma(a) {
  if (!Number.isFinite(a)) return a !== a ? NaN : Infinity;
  if (a <= 0 && a === Math.floor(a)) return Infinity;
  if (a >= LARGE_ARGUMENT) {
    const inverse = 1 / a;
    return (a - 0.5) * (Math.log(a) - 1) + (HALF_LOG_TWO_PI - 0.5) + stirlingSum(inverse * inverse) * inverse;
  }
  if (a > 2.5) {
    let product = 1;
    let rest = a;
    while (rest > 2.5) {
      rest -= 1;
      product *= rest;
    }
    return Math.log(product) + (rest - 2) * hornerAt(lgammaSeries(), rest - 2);
  }
  if (a >= 1.5) return (a - 2) * hornerAt(lgammaSeries(), a - 2);
  if (a > 0.5) return (a - 1) * hornerAt(lgammaSeries(), a - 1) - Math.log1p(a - 1);
  if (a > -0.5) return a * hornerAt(lgammaSeries(), a) - Math.log1p(a) - Math.log(Math.abs(a));
  return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * (a - realNearest(a))))) - realLgamma(1 - a);
}

/** The sum in Stirling's series, over 1/a (DLMF 5.11.1). */
function stirlingSum(inverseSquare) {
  let total = 0;
  for (let k = BERNOULLI.length; k > 0; k -= 1) {
    total = total * inverseSquare + BERNOULLI[k - 1] / (2 * k * (2 * k - 1));
  }
  return total;
}

/** The derivative of lgamma, its zero included; for a < 0 by the reflection (DLMF 5.5.4). */
function realDigamma(a) {
  if (!Number.isFinite(a)) return a > 0 ? Infinity : NaN;
  if (a === 0) return withSign(Infinity, -a);
  if (a < 0) {
    if (a === Math.floor(a)) return NaN;
    return a > -0.5 ? realDigamma(1 + a) - 1 / a : realDigamma(1 - a) - Math.PI * cotPi(a);
  }
  if (a < 1) return digammaNearZero(1 + a) - 1 / a;
  let rest = a;
  let shift = 0;
  while (rest >= 3 && rest < LARGE_ARGUMENT) {
    rest -= 1;
    shift += 1 / rest;
  }
  if (rest < 3) return digammaNearZero(rest) + shift;
  const inverse = 1 / rest;
  return Math.log(rest) - inverse / 2 - digammaTail(inverse * inverse);
}

/** digamma on [1, 3), from its zeta series with the zero divided out. */
function digammaNearZero(a) {
  return ((a - DIGAMMA_ZERO) - DIGAMMA_ZERO_REST) * hornerAt(aboutDigammaZero(), a - 2);
}

/** The sum in digamma's asymptotic series (DLMF 5.11.2). */
function digammaTail(inverseSquare) {
  let total = 0;
  for (let k = BERNOULLI.length; k > 0; k -= 1) total = (total + BERNOULLI[k - 1] / (2 * k)) * inverseSquare;
  return total;
}

/** The derivative of digamma of a whole order up to 500; NaN for any other order. By DLMF 5.15.6 for a < 0. */
function realPolygamma(order, a) {
  if (a !== a || !(order >= 0 && order <= HIGHEST_ORDER) || order !== Math.floor(order)) return NaN;
  if (order === 0) return realDigamma(a);
  if (Math.abs(a) === Infinity) return a > 0 ? 0 : NaN;
  const isOdd = order % 2 === 1;
  if (a <= 0) {
    if (a === Math.floor(a)) return isOdd ? Infinity : NaN;
    if (a < -0.5) {
      const mirrored = realPolygamma(order, 1 - a);
      return (isOdd ? -mirrored : mirrored) - cotangentDerivative(order, a);
    }
  }
  const shift = Math.max(0, Math.ceil(order + 2 * LARGE_ARGUMENT - a)); // DLMF 5.15.5
  const terms = Array.from({ length: shift }, (_, k) => factorialOverPower(order, a + k));
  const total = exactSum(terms) + polygammaTail(order, a + shift);
  return isOdd ? total : -total;
}

/** n! / a^(n+1), with no overflow on the way. */
function factorialOverPower(n, a) {
  if (n <= 20 && a > 1e-10 && a < 1e10) return wholeFactorial(n) / a ** (n + 1);
  let result = 1 / a;
  for (let j = 1; j <= n; j += 1) result *= j / a;
  return result;
}

/** The asymptotic series of |polygamma(n, a)| (DLMF 5.15.8, 5.15.9). */
function polygammaTail(n, a) {
  const terms = [factorialOverPower(n, a) / 2];
  let ratio = factorialOverPower(n + 1, a) / 2; // (2k+n-1)! / ((2k)! a^(2k+n))
  BERNOULLI.forEach((bernoulli, place) => {
    const k = place + 1;
    terms.push(bernoulli * ratio);
    ratio *= (((2 * k + n) / (2 * k + 1) / a) * (2 * k + n + 1)) / (2 * k + 2) / a;
  });
  return factorialOverPower(n - 1, a) + exactSum(terms);
}

/** The n-th derivative of π cot(πa): π^(n+1) times a polynomial in c = cot(πa), by c' = -π (1 + c²). */
function cotangentDerivative(n, a) {
  let polynomial = [0, 1];
  for (let step = 0; step < n; step += 1) {
    const slope = polynomial.map((coefficient, power) => power * coefficient).slice(1);
    polynomial = new Array(slope.length + 2).fill(0);
    slope.forEach((coefficient, power) => {
      polynomial[power] -= coefficient;
      polynomial[power + 2] -= coefficient;
    });
  }
  return Math.PI ** (n + 1) * hornerAt(polynomial.reverse(), cotPi(a));
}

/** The sum of numbers, rounded once or nearly (Shewchuk's expansions, as in Python's `fsum`). */
function exactSum(terms) {
  let parts = [];
  for (const term of terms) {
    let x = term;
    const rest = [];
    for (const part of parts) {
      const [large, small] = Math.abs(x) < Math.abs(part) ? [part, x] : [x, part];
      const high = large + small;
      const low = small - (high - large);
      if (low) rest.push(low);
      x = high;
    }
    parts = [...rest, x];
  }
  return Number.isFinite(parts[parts.length - 1] ?? 0)
    ? parts.reduceRight((total, part) => total + part, 0)
    : terms.reduce((total, term) => total + term, 0);
}

// The Lanczos approximation of Python's mathmodule.c (that of Boost, N = 13), lowest power first.
const LANCZOS_G = 6.024680040776729583740234375;
const LANCZOS_NUMERATOR = [
  23531376880.410759688572007674451636754734846804940, 42919803642.649098768957899047001988850926355848959,
  35711959237.355668049440185451547166705960488635843, 17921034426.037209699919755754458931112671403265390,
  6039542586.3520280050642916443072979210699388420708, 1439720407.3117216736632230727949123939715485786372,
  248874557.86205415651146038641322942321632125127801, 31426415.585400194380614231628318205362874684987640,
  2876370.6289353724412254090516208496135991145378768, 186056.26539522349504029498971604569928220784236328,
  8071.6720023658162106380029022722506138218516325024, 210.82427775157934587250973392071336271166969580291,
  2.5066282746310002701649081771338373386264310793408,
];
const LANCZOS_DENOMINATOR = [
  0, 39916800, 120543840, 150917976, 105258076, 45995730, 13339535, 2637558, 357423, 32670, 1925, 66, 1,
];

function lanczosSum(a) {
  if (a < 5) return rationalAt([LANCZOS_NUMERATOR, LANCZOS_DENOMINATOR], a);
  return hornerAt(LANCZOS_NUMERATOR, 1 / a) / hornerAt(LANCZOS_DENOMINATOR, 1 / a);
}

/** n! of a whole number up to 170, the product rounded once for each factor. */
function wholeFactorial(n) {
  let product = 1n;
  for (let factor = 2n; factor <= BigInt(n); factor += 1n) product *= factor;
  return Number(product);
}

/** The gamma function; NaN at its poles but 0, where it has the sign of a. */
function realGamma(a) {
  if (a === 0) return withSign(Infinity, a);
  if (a !== a || a === -Infinity || (a < 0 && a === Math.floor(a))) return NaN;
  const size = Math.abs(a);
  if (a > 0 && a === Math.floor(a) && a <= 23) return wholeFactorial(a - 1);
  if (size < 1e-20) return 1 / a;
  if (size > 200) return a < 0 ? 0 / realSinpi(a) : Infinity;
  const y = size + (LANCZOS_G - 0.5);
  const rest = size > LANCZOS_G - 0.5 ? (y - size) - (LANCZOS_G - 0.5) : (y - (LANCZOS_G - 0.5)) - size;
  const z = (rest * LANCZOS_G) / y;
  const halves = size < 140 ? [y ** (size - 0.5)] : [y ** (size / 2 - 0.25), y ** (size / 2 - 0.25)];
  if (a < 0) {
    const whole = ((-Math.PI / realSinpi(size) / size) * Math.exp(y)) / lanczosSum(size);
    return halves.reduce((total, half) => total / half, whole - z * whole);
  }
  const whole = lanczosSum(size) / Math.exp(y);
  return halves.reduce((total, half) => total * half, whole + z * whole);
}

/** gamma(a + 1); where that sum would be rounded, a gamma(a). */
function realFactorial(a) {
  if (a >= 0 && a <= 170 && a === Math.floor(a)) return wholeFactorial(a);
  return a > 0.5 ? a * realGamma(a) : realGamma(a + 1);
}

// Functions that libraries have besides the common ones

const ROOT_HALF = 0.7071067811865476;
const ROOT_HALF_REST = -4.833646656726457e-17; // sqrt(1/2) is the sum of the two
const ERF_HALF_SLOPE = 1.1283791670955126; // 2 / sqrt(pi)

/** a log(b), and 0 where a is 0. */
function xLogY(a, b) {
  return a === 0 && b === b ? 0 : a * Math.log(b);
}

/** a log(1 + b), and 0 where a is 0. */
function xLog1pY(a, b) {
  return a === 0 && b === b ? 0 : a * Math.log1p(b);
}

/** log(a / (1 - a)); near its zero by the inverse hyperbolic tangent, whose operand is exact there. */
function realLogit(a) {
  return a > 0.25 && a < 0.75 ? 2 * Math.atanh(2 * a - 1) : Math.log(a / (1 - a));
}

/** log(exp(a) + exp(b)), without overflow. */
function logAddExp(a, b) {
  if (a === b) return a + Math.LN2;
  if (a !== a || b !== b) return NaN;
  return a > b ? a + Math.log1p(expOfDifference(b, a)) : b + Math.log1p(expOfDifference(a, b));
}

/** log(exp(a) - exp(b)), without overflow. */
function logDiffExp(a, b) {
  const apart = b - a;
  if (!(apart < 0)) return apart === 0 ? -Infinity : NaN;
  return a + (apart > -0.7 ? Math.log(-Math.expm1(apart)) : Math.log1p(-expOfDifference(b, a)));
}

/** exp(a - b) of a that is less than b, with what the difference rounds off. */
function expOfDifference(a, b) {
  const apart = a - b;
  if (apart < -800) return 0;
  const part = apart + b; // Knuth's TwoSum
  return Math.exp(apart) * (1 + ((a - part) + ((part - apart) - b)));
}

/** erfc(-a / sqrt(2)) / 2. What the rounding of its operand costs goes in separately: far out that is much. */
function realNdtr(a) {
  if (!(Math.abs(a) < 40)) return a !== a ? NaN : a > 0 ? 1 : 0;
  const x = -a * ROOT_HALF;
  const lost = productRest(-a, ROOT_HALF, x) - a * ROOT_HALF_REST;
  return (realErfc(x) - ERF_HALF_SLOPE * realGauss(x) * lost) / 2;
}

/** a sigmoid(a). */
function realSilu(a) {
  if (a > -700 || a !== a) return a * realSigmoid(a);
  return a < -800 ? -0 : a * Math.exp(a);
}

/** A whole number and a power of 2 whose product is a finite number. */
function wholeAndPower(a) {
  if (a === 0) return [0n, 0];
  let power = Math.min(Math.max(Math.floor(Math.log2(Math.abs(a))) - 53, -1074), 970);
  let whole = timesPowerOfTwo(a, -power);
  while (!Number.isInteger(whole)) {
    power -= 1;
    whole = timesPowerOfTwo(a, -power);
  }
  return [BigInt(whole), power];
}

/** a times a power of 2, which may be beyond those that a number holds. */
function timesPowerOfTwo(a, power) {
  const half = Math.trunc(power / 2);
  return a * 2 ** half * 2 ** (power - half);
}

/** The number nearest to a whole number times a power of 2, the even one of two. */
function nearestNumber(whole, power) {
  const size = whole < 0n ? -whole : whole;
  const bits = size.toString(2).length;
  const last = Math.max(bits + power - 53, -1074);
  if (last <= power) return timesPowerOfTwo(Number(whole), power);
  const unit = 1n << BigInt(last - power);
  const rest = size % unit;
  let kept = size / unit;
  if (2n * rest > unit || (2n * rest === unit && kept % 2n === 1n)) kept += 1n;
  const result = timesPowerOfTwo(Number(kept), last);
  return whole < 0n ? -result : result;
}

/** a b + c, rounded once. */
function realFma(a, b, c) {
  const product = a * b;
  const isFinite = Number.isFinite(a) && Number.isFinite(b);
  if (isFinite && Math.abs(c) === Infinity) return c; // whatever the product is, which may overflow
  if (!(isFinite && Number.isFinite(c))) return product + c;
  const [[aWhole, aPower], [bWhole, bPower], [cWhole, cPower]] = [a, b, c].map(wholeAndPower);
  const power = Math.min(aPower + bPower, cPower);
  const exact = ((aWhole * bWhole) << BigInt(aPower + bPower - power)) + (cWhole << BigInt(cPower - power));
  return exact === 0n ? product + c : nearestNumber(exact, power); // the sum has the sign of its zeros
}

const SINC_MOST = 50; // the highest derivative of sinc

/** sin(pi a) / (pi a), and 1 at 0. */
function realSinc(a) {
  if (a === 0 || Math.abs(a) === Infinity) return a === 0 ? 1 : 0;
  return Math.abs(a) > 1e-100 || a !== a ? realSinpi(a) / (Math.PI * a) : 1;
}

/** The derivative of sinc of order n. With z = pi a it is pi^n times that of sin(z) / z by z. */
function sincDerivative(n, a) {
  if (!(n >= 0 && n <= SINC_MOST) || n !== Math.floor(n) || a !== a) return NaN;
  if (Math.abs(a) === Infinity) return 0;
  if (n === 0) return realSinc(a);
  const scale = Math.PI ** n;
  if (Math.abs(a) < 0.3) return scale * sincNearZero(n, Math.PI * a);
  if (n === 1 && Math.abs(a) > 0.6) {
    const [cosine, sine] = [realCospi(a), realSinc(a)];
    if (Math.abs(cosine - sine) > 0.25 * Math.abs(cosine)) return (cosine - sine) / a;
  }
  return scale * nearestNumber(Math.abs(a) < 10 ? sincBySeries(n, a) : sincByRecursion(n, a), -SINC_BITS);
}

/** The sum of (-1)^k z^(2k - n) / ((2k + 1) (2k - n)!) from 2k = n on. */
function sincNearZero(n, z) {
  let k = Math.floor((n + 1) / 2);
  let power = (n % 2 ? z : 1) * (k % 2 ? -1 : 1);
  let total = 0;
  while (Math.abs(power) > 1e-20 * Math.abs(total) && power) {
    total += power / (2 * k + 1);
    k += 1;
    power *= (-z * z) / ((2 * k - n) * (2 * k - n - 1));
  }
  return total;
}

// Whole numbers stand for numbers with 200 binary digits behind the point: near a zero of the sum few are left.
const SINC_BITS = 200;
const SINC_ONE = 1n << BigInt(SINC_BITS);
const SINC_PI = 5048344754617993871973410141242436836214643421488662971535368n;

/** pi a with those digits. */
function piTimes(a) {
  const [whole, power] = wholeAndPower(a);
  return power < 0 ? (SINC_PI * whole) / (1n << BigInt(-power)) : (SINC_PI * whole) << BigInt(power);
}

function sincBySeries(n, a) {
  const z = piTimes(a);
  let k = Math.floor((n + 1) / 2);
  let power = (n % 2 ? z : SINC_ONE) * (k % 2 ? -1n : 1n);
  let total = 0n;
  while (power > 1n || power < -1n) {
    total += power / BigInt(2 * k + 1);
    k += 1;
    power = -((((power * z) / SINC_ONE) * z) / SINC_ONE) / BigInt((2 * k - n) * (2 * k - n - 1));
  }
  return total;
}

/** z f_k + k f_(k-1) is the derivative of order k of sin(z), as z f_0 = sin(z) tells. */
function sincByRecursion(n, a) {
  const angle = piTimes(beyondEven(a));
  const parts = [0n, 0n]; // the cosine, and the sine
  let term = SINC_ONE;
  for (let k = 0; term > 1n || term < -1n; ) {
    parts[k % 2] += k & 2 ? -term : term;
    k += 1;
    term = (term * angle) / SINC_ONE / BigInt(k);
  }
  const [cosine, sine] = parts;
  const z = piTimes(a);
  let found = 0n;
  for (let order = 0; order <= n; order += 1) {
    const derivative = [sine, cosine, -sine, -cosine][order % 4];
    found = ((derivative - BigInt(order) * found) * SINC_ONE) / z;
  }
  return found;
}

/** The operations element by element, by the name of the primitive: functions of numbers. */
export const NUMBERS = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: realPower,
  power_log: powerLog,
  neg: (a) => -a,
  copy: (a) => a,
  sqrt: Math.sqrt,
  cbrt: Math.cbrt,
  exp: Math.exp,
  exp2: (a) => Math.pow(2, a),
  expm1: Math.expm1,
  log: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  log1p: Math.log1p,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  sinpi: realSinpi,
  cospi: realCospi,
  one_minus_square: oneMinusSquare,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  atan2: Math.atan2,
  over_hypot: overHypot,
  hypot: realHypot,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  sech: realSech,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  erf: realErf,
  erfc: realErfc,
  gauss: realGauss,
  lgamma: realLgamma,
  digamma: realDigamma,
  polygamma: realPolygamma,
  sigmoid: realSigmoid,
  softplus: realSoftplus,
  relu: (a) => (a <= 0 ? 0 : a),
  abs: Math.abs,
  sign: realSign,
  min: realMinimum,
  max: realMaximum,
  clip: (a, low, high) => realMinimum(realMaximum(a, low), high),
  is_min: (...operands) => shareOf(realMinimum(...operands), operands),
  is_max: (...operands) => shareOf(realMaximum(...operands), operands),
  floor: Math.floor,
  ceil: Math.ceil,
  round: realNearest,
  mod: realMod,
  '<': (a, b) => Number(a < b),
  '<=': (a, b) => Number(a <= b),
  '>': (a, b) => Number(a > b),
  '>=': (a, b) => Number(a >= b),
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  and: (a, b) => Number(a !== 0 && b !== 0),
  or: (a, b) => Number(a !== 0 || b !== 0),
  not: (a) => Number(a === 0),
  xlogy: xLogY,
  xlog1py: xLog1pY,
  logit: realLogit,
  logaddexp: logAddExp,
  log_diff_exp: logDiffExp,
  ndtr: realNdtr,
  gelu: (a) => (a > -40 || a !== a ? a * realNdtr(a) : -0),
  silu: realSilu,
  elu: (a) => (a < 0 ? Math.expm1(a) : a),
  elu_scaled: (a, b) => (a < 0 ? b * Math.expm1(a) : b === b ? a : b),
  leaky_relu: (a) => (a < 0 ? 0.01 * a : a),
  prelu: (a, b) => (a < 0 ? b * a : b === b ? a : b),
  trunc: Math.trunc,
  fmod: (a, b) => a % b,
  copysign: withSign,
  fma: realFma,
  gamma: realGamma,
  factorial: realFactorial,
  sinc: realSinc,
  sinc_derivative: sincDerivative,
};

// Numbers as text

/** The significant digits of a finite number that is not 0, rounded to the even one of two, and its exponent. */
function roundedDigits(size, digits) {
  const [text, exponent] = size.toExponential(digits - 1).split('e');
  const rounded = text.replace('.', '');
  const exact = size.toExponential(100).replace('.', '');
  const isTie = /^50*e/.test(exact.slice(digits));
  if (!isTie) return [rounded, Number(exponent)];
  const below = exact.slice(0, digits); // JavaScript rounds the half up, Python to even
  return Number(below[digits - 1]) % 2 ? [rounded, Number(exponent)] : [below, Number(exact.split('e')[1])];
}

/** A number with so many significant digits, as C's `%g` writes it: `5.72058`, `1e-05`, `inf`. */
function plainNumberText(number, digits) {
  if (number !== number) return 'nan';
  const sign = number < 0 || Object.is(number, -0) ? '-' : '';
  if (number === 0) return `${sign}0`;
  if (Math.abs(number) === Infinity) return `${sign}inf`;
  const count = Math.max(digits, 1);
  const [all, exponent] = roundedDigits(Math.abs(number), count);
  const kept = all.replace(/0+$/, '');
  if (exponent < -4 || exponent >= count) {
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${kept[0]}${kept.length > 1 ? '.' : ''}${kept.slice(1)}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${kept}`;
  const whole = kept.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}${kept.length > exponent + 1 ? '.' : ''}${kept.slice(exponent + 1)}`;
}

const SHOWN_WHOLE = 9; // elements of an array that is shown whole
const SHOWN_FIRST = 3; // elements that are shown of a larger one

/** A count with its digits in groups. */
export function countText(count) {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A number with so many significant digits; of an array all its elements, or the first ones of a large one. */
export function numberText(number, digits = 6, full = false) {
  if (typeof number === 'number') return plainNumberText(number, digits);
  const { shape, data } = number;
  const texts = (part, count) => Array.from(part, (element) => plainNumberText(element, count)).join(', ');
  if (full || data.length <= SHOWN_WHOLE) {
    if (shape.length < 2) return `[${texts(data, digits)}]`;
    const rows = Array.from({ length: shape[0] }, (_, row) => data.slice(row * shape[1], (row + 1) * shape[1]));
    return `[${rows.map((row) => `[${texts(row, digits)}]`).join(', ')}]`;
  }
  const least = plainNumberText(data.reduce((a, b) => realMinimum(a, b)), 3);
  const mean = plainNumberText(pairwiseSum(data) / data.length, 3);
  const most = plainNumberText(data.reduce((a, b) => realMaximum(a, b)), 3);
  const sizes = shape.join(' × ');
  return `${sizes}: ${texts(data.slice(0, SHOWN_FIRST), digits)}, … (min ${least}, mean ${mean}, max ${most})`;
}

// Sums of many numbers

const PAIRWISE_BLOCK = 128;

/** The sum of `count` numbers from `start` on, each `stride` behind the other: by halves, as NumPy adds them. */
export function pairwiseSum(data, start = 0, count = data.length, stride = 1) {
  if (count < 8) {
    let total = 0;
    for (let place = 0; place < count; place += 1) total += data[start + place * stride];
    return total;
  }
  if (count <= PAIRWISE_BLOCK) {
    const parts = new Float64Array(8);
    const whole = count - (count % 8);
    for (let place = 0; place < whole; place += 1) parts[place % 8] += data[start + place * stride];
    let total = ((parts[0] + parts[1]) + (parts[2] + parts[3])) + ((parts[4] + parts[5]) + (parts[6] + parts[7]));
    for (let place = whole; place < count; place += 1) total += data[start + place * stride];
    return total;
  }
  let half = Math.floor(count / 2);
  half -= half % 8;
  return pairwiseSum(data, start, half, stride) + pairwiseSum(data, start + half * stride, count - half, stride);
}
