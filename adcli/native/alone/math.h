/* What the engine needs of <math.h>, for a compiler that comes without the headers of C. */
#define INFINITY (1e300 * 1e300)
#define NAN (INFINITY - INFINITY)
#define isnan(x) ((x) != (x))
#define isinf(x) ((x) == INFINITY || (x) == -INFINITY)
#define isfinite(x) ((x) - (x) == 0)
double acos(double), acosh(double), asin(double), asinh(double), atan(double), atan2(double, double), atanh(double);
double cbrt(double), ceil(double), copysign(double, double), cos(double), cosh(double), erf(double), erfc(double);
double exp(double), exp2(double), expm1(double), fabs(double), floor(double), fma(double, double, double);
double fmod(double, double), frexp(double, int *), ldexp(double, int), log(double), log10(double), log1p(double);
double log2(double), pow(double, double), remainder(double, double), rint(double), sin(double), sinh(double);
double sqrt(double), tan(double), tanh(double), trunc(double);
