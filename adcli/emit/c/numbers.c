/* What functions of numbers need that the library of C has not, or that compilers would compute in another way. */

/* A power by the library: a compiler that knows the exponent would write a product, which rounds otherwise. */
static double ad_power(double a, double b)
{
    volatile double exponent = b;
    return pow(a, exponent);
}

/* The remainder with the sign of b. */
static double ad_mod(double a, double b)
{
    const double rest = fmod(a, b);
    if (rest == 0)
        return copysign(0.0, b);
    return (rest < 0) != (b < 0) ? rest + b : rest;
}

/* The first operand, but the second one if that is larger. */
static double ad_larger(double a, double b)
{
    return b > a ? b : a;
}

/* The first operand, but the second one if that is smaller. */
static double ad_smaller(double a, double b)
{
    return b < a ? b : a;
}

/* The first of the largest operands. */
static double ad_largest(const double *operands, int count)
{
    double largest = operands[0];
    for (int k = 1; k < count; ++k)
        largest = ad_larger(largest, operands[k]);
    return largest;
}

/* The first of the smallest operands. */
static double ad_smallest(const double *operands, int count)
{
    double smallest = operands[0];
    for (int k = 1; k < count; ++k)
        smallest = ad_smaller(smallest, operands[k]);
    return smallest;
}

/* Whether no operand is a NaN. */
static int ad_are_numbers(const double *operands, int count)
{
    for (int k = 0; k < count; ++k)
        if (isnan(operands[k]))
            return 0;
    return 1;
}

/* How many operands are equal to a. */
static double ad_count(const double *operands, int count, double a)
{
    double found = 0;
    for (int k = 0; k < count; ++k)
        found += operands[k] == a;
    return found;
}

/* The length of (a, b): the root of the sum of squares, which is kept in two parts, with a step of Newton's method. */
static double ad_hypot(double a, double b)
{
    if (isinf(a) || isinf(b))
        return INFINITY;
    double large = fabs(a), small = fabs(b);
    if (isnan(large) || isnan(small))
        return NAN;
    if (large < small) {
        large = fabs(b);
        small = fabs(a);
    }
    if (small == 0)
        return large;
    int exponent;
    large = frexp(large, &exponent);
    small = ldexp(small, -exponent);
    const double square = large * large, other = small * small;
    const double sum = square + other;
    const double rest = (square - sum) + other + fma(large, large, -square) + fma(small, small, -other);
    const double root = sqrt(sum);
    const double correction = (fma(-root, root, sum) + rest) / (2 * root);
    return ldexp(root + correction, exponent);
}

/* A number that a loop begins with: a compiler that knows it would compute what is made of it with other digits. */
static double ad_held(double a)
{
    volatile double held = a;
    return held;
}
