/* What `tape/root_steps.py` says. Equations at values of n unknowns are a point: these values, what the equations are off
   by, what rounding alone may take them off, the rows of their Jacobian, and the branch of the equations. Of a point
   with these values `equations` fills in the rest; it gives a status, and a search ends where that is not 0. */

/* How far a step goes: its largest component. */
static double ad_step_size(const double *step, int n)
{
    double size = 0;
    for (int k = 0; k < n; ++k)
        size = fmax(size, fabs(step[k]));
    return size;
}

/* Whether a share of a step changes nothing but the last digits. */
static int ad_is_negligible(const double *step, double share, const double *at, int n)
{
    for (int k = 0; k < n; ++k)
        if (!(fabs(share * step[k]) <= 0x1p-52 * fabs(at[k])))
            return 0;
    return 1;
}

/* Whether the equations hold as far as rounding lets them, or no numbers are nearer to the root. */
static int ad_is_at_rounding(const double *step, const double *here, int n)
{
    if (ad_is_negligible(step, 0.25, here, n))
        return 1;
    for (int k = 0; k < n; ++k)
        if (!(fabs(here[n + k]) <= 4 * here[2 * n + k]))
            return 0;
    return 1;
}

/* Whether the steps become smaller by the same share again and again: of the last 12 all but the last one. */
static int ad_shrinks_evenly(const double *sizes, int count)
{
    if (count < 12)
        return 0;
    for (int k = 0; k < 10; ++k)
        if (!(0.4 * sizes[k] < sizes[k + 1] && sizes[k + 1] < 0.99 * sizes[k]))
            return 0;
    return 1;
}

/* Rotate columns of a square matrix, and of another one that is the unit matrix at first, until those of the first are
   orthogonal: Hestenes' method. Their lengths are the singular values. */
static void ad_orthogonal(double *a, double *right, double *values, int n)
{
    ad_eye(right, n, n);
    for (int turn = 0, moved = 1; turn < 60 && moved; ++turn) {
        moved = 0;
        for (int p = 0; p < n; ++p)
            for (int q = p + 1; q < n; ++q) {
                double first = 0, between = 0, second = 0;
                for (int i = 0; i < n; ++i) {
                    first += a[i * n + p] * a[i * n + p];
                    between += a[i * n + p] * a[i * n + q];
                    second += a[i * n + q] * a[i * n + q];
                }
                if (!(fabs(between) > 0x1p-50 * sqrt(first) * sqrt(second)) || fabs(between) < 1e-300)
                    continue;
                const double ratio = (second - first) / (2 * between);
                const double tangent = (ratio < 0 ? -1 : 1) / (fabs(ratio) + sqrt(1 + ratio * ratio));
                const double cosine = 1 / sqrt(1 + tangent * tangent), sine = tangent * cosine;
                moved = 1;
                for (int i = 0; i < 2 * n; ++i) {
                    double *const row = i < n ? a + i * n : right + (i - n) * n;
                    const double left = row[p];
                    row[p] = cosine * left - sine * row[q];
                    row[q] = sine * left + cosine * row[q];
                }
            }
    }
    for (int k = 0; k < n; ++k) {
        values[k] = 0;
        for (int i = 0; i < n; ++i)
            values[k] = ad_hypot(values[k], a[i * n + k]);
    }
}

/* The shortest x for which a matrix times x comes nearest to b. */
static void ad_shortest(double *x, const double *a, const double *b, int n, double *work)
{
    double *const turned = work, *const right = work + n * n, *const values = right + n * n;
    double largest = 0;
    ad_copy(turned, a, n * n);
    ad_orthogonal(turned, right, values, n);
    for (int k = 0; k < n; ++k)
        largest = fmax(largest, values[k]);
    ad_zeros(x, n);
    for (int k = 0; k < n; ++k) {
        double part = 0;
        if (!(values[k] > 0x1p-52 * n * largest))
            continue;
        for (int i = 0; i < n; ++i)
            part += turned[i * n + k] / values[k] * b[i];
        for (int i = 0; i < n; ++i)
            x[i] += right[i * n + k] * (part / values[k]);
    }
}

/* Newton's step; where the Jacobian is singular, the shortest one that comes nearest. 0 where there is none. */
static int ad_root_step(double *step, const double *here, int n, double *work)
{
    const double *jacobian = here + 3 * n;
    if (n == 1)
        step[0] = jacobian[0] != 0 ? here[1] / jacobian[0] : INFINITY;
    else {
        ad_solve(step, jacobian, here + n, n, 1, work);
        if (!ad_are_finite(step, n) && ad_are_finite(jacobian, n * n))
            ad_shortest(step, jacobian, here + n, n, work);
    }
    for (int k = 0; k < n; ++k)
        step[k] = -step[k];
    return ad_are_finite(step, n);
}

/* What makes equations of different sizes alike: one over the largest slope of each. */
static void ad_root_weights(double *weights, const double *here, int n)
{
    for (int k = 0; k < n; ++k) {
        double size = 0;
        for (int j = 0; j < n && size == size; ++j) {
            const double slope = fabs(here[3 * n + k * n + j]);
            size = slope > size || slope != slope ? slope : size;
        }
        weights[k] = n > 1 && size > 0 && isfinite(size) ? 1 / size : 1;
    }
}

/* How far the equations are off, of each the share of its weight. */
static double ad_root_size(const double *weights, const double *here, int n)
{
    double size = 0;
    for (int k = 0; k < n; ++k)
        size = fmax(size, fabs(here[n + k] * weights[k]));
    return size;
}

/* Powers of two that bring the largest element of each row, or column, of a matrix to about 1, applied to it. */
static void ad_equilibrate(double *a, int n, int along, int across)
{
    for (int k = 0; k < n; ++k) {
        double size = 0;
        int exponent;
        for (int j = 0; j < n; ++j)
            size = fmax(size, fabs(a[k * along + j * across]));
        frexp(size, &exponent);
        exponent = exponent > 1000 ? 1000 : exponent < -1000 ? -1000 : exponent;
        for (int j = 0; j < n; ++j)
            a[k * along + j * across] = ldexp(a[k * along + j * across], -exponent);
    }
}

/* Whether the Jacobian has no inverse, as far as doubles tell: by its singular values, with rows and columns scaled. */
static int ad_is_singular(const double *here, int n, double *work)
{
    const double *jacobian = here + 3 * n;
    if (n == 1)
        return !(jacobian[0] != 0 && isfinite(jacobian[0]));
    double *const scaled = work, *const values = work + 2 * n * n;
    if (!ad_are_finite(jacobian, n * n))
        return 1;
    ad_copy(scaled, jacobian, n * n);
    ad_equilibrate(scaled, n, 1, n);
    ad_equilibrate(scaled, n, n, 1);
    ad_orthogonal(scaled, work + n * n, values, n);
    double largest = values[0], least = values[0];
    for (int k = 1; k < n; ++k) {
        largest = fmax(largest, values[k]);
        least = fmin(least, values[k]);
    }
    return !(largest / least <= 0x1p49);
}

/* Note what an equation is off by at a point, in the order of these, if there is room; it gives how many there are. */
static int ad_noted(double *seen, int count, const double *there)
{
    int place = count;
    if (count == 2048)
        return count;
    while (place > 0 && seen[place - 1] > there[0])
        --place;
    if (place > 0 && seen[place - 1] == there[0])
        return count;
    for (int k = count; k > place; --k) {
        seen[k] = seen[k - 1];
        seen[2048 + k] = seen[2048 + k - 1];
    }
    seen[place] = there[0];
    seen[2048 + place] = there[1];
    return count + 1;
}

/* The equations behind a step that makes them hold better, or behind a part of it; no share of it where none does.
 * `reach` is how far a step begins to reach: where one was brought back to where the equations have values, they end
 * nearby. */
static int ad_shortened(int (*equations)(double *, const double *const *, double *), const double *const *given,
                        double *room, const double *here, double *there, const double *step, double *share,
                        double *reach, const double *weights, double *seen, int *count, int n)
{
    const double before = ad_root_size(weights, here, n), size = ad_step_size(step, n);
    int halvings = 0;
    for (*share = 1; *share * size > *reach;)
        *share /= 2;
    int is_at_border = *share < 1;
    while (halvings < 50) {
        int is_same = 1;
        for (int k = 0; k < n; ++k) {
            there[k] = here[k] + *share * step[k];
            is_same = is_same && there[k] == here[k];
        }
        if (is_same)
            break;
        const int status = equations(there, given, room);
        if (status)
            return status;
        if (ad_are_finite(there + n, n)) {
            if (n == 1)
                *count = ad_noted(seen, *count, there);
            if (ad_root_size(weights, there, n) <= (1 - 1e-4 * *share) * before) {
                *reach = is_at_border ? 4 * *share * size : INFINITY;
                return 0;
            }
            ++halvings;
        } else
            is_at_border = 1;
        *share /= 2;
    }
    *share = 0;
    return 0;
}

/* Newton's method from the values in `here`: whether it has found a root (1), or one that is singular (2). */
static int ad_newton(int (*equations)(double *, const double *const *, double *), const double *const *given,
                     double *room, double *here, double *seen, int *count, int *found, double *work, int n)
{
    const int size = 3 * n + n * n + 1;
    double *const there = work, *const step = there + size, *const weights = step + n, *const rest = weights + n;
    double sizes[12], share, reach = INFINITY;
    int taken = 0, is_root = 0;
    int status = equations(here, given, room);
    *found = *count = 0;
    if (status || !ad_are_finite(here + n, n))
        return status;
    if (n == 1)
        *count = ad_noted(seen, 0, here);
    for (int steps = 0; steps < (n == 1 ? 1200 : 200) && !is_root; ++steps) {
        int is_zero = 1;
        for (int k = 0; k < n; ++k)
            is_zero = is_zero && here[n + k] == 0;
        if (is_zero) {
            is_root = 1;
            break;
        }
        if (!ad_root_step(step, here, n, rest))
            break;
        ad_root_weights(weights, here, n);
        status = ad_shortened(equations, given, room, here, there, step, &share, &reach, weights, seen, count, n);
        if (status)
            return status;
        if (share == 0) {
            is_root = ad_is_at_rounding(step, here, n);
            break;
        }
        if (taken == 12) {
            ad_copy(sizes, sizes + 1, 11);
            taken = 11;
        }
        if (share < 1)
            taken = 0;
        else
            sizes[taken++] = ad_step_size(step, n);
        is_root = ad_is_negligible(step, 1, there, n);
        ad_copy(here, there, size);
    }
    const int is_singular = ad_shrinks_evenly(sizes, taken) || (is_root && ad_is_singular(here, n, rest));
    *found = is_singular ? 2 : is_root;
    return 0;
}

/* The root in a bracket of one unknown, by Newton's steps where they stay in it and halve it, and else by bisection. */
static int ad_within(int (*equations)(double *, const double *const *, double *), const double *const *given,
                     double *room, double *left, double *right, double *here, int *found)
{
    const double first = fmin(fabs(left[1]), fabs(right[1]));
    double width = right[0] - left[0], step;
    int has_step;
    ad_copy(here, fabs(left[1]) < fabs(right[1]) ? left : right, 5);
    *found = 0;
    for (int k = 0; k < 400; ++k) {
        has_step = ad_root_step(&step, here, 1, 0);
        double at = has_step ? here[0] + step : NAN;
        if (!(left[0] < at && at < right[0]) || (has_step && fabs(step) > width / 2))
            at = left[0] + (right[0] - left[0]) / 2;
        width = right[0] - left[0];
        if (at == left[0] || at == right[0])
            at = nextafter(left[0], right[0]);
        if (at == left[0] || at == right[0])
            break;
        here[0] = at;
        const int status = equations(here, given, room);
        if (status || !isfinite(here[1]))
            return status;
        if (here[1] == 0)
            break;
        ad_copy((here[1] < 0) == (left[1] < 0) ? left : right, here, 5);
    }
    if (fabs(left[1]) <= fabs(right[1]) && fabs(left[1]) <= fabs(here[1]))
        ad_copy(here, left, 5);
    else if (fabs(right[1]) <= fabs(here[1]))
        ad_copy(here, right, 5);
    has_step = ad_root_step(&step, here, 1, 0);
    if (here[1] == 0 || (has_step && fabs(here[1]) <= first && ad_is_at_rounding(&step, here, 1)))
        *found = ad_is_singular(here, 1, 0) ? 2 : 1;
    return 0;
}

/* Search where an equation with one unknown changes its sign: among points that were seen, and around the first one. */
static int ad_in_brackets(int (*equations)(double *, const double *const *, double *), const double *const *given,
                          double *room, double start, const double *seen, int count, double *here, int *found)
{
    double left[5], right[5], reached[2][5];
    int status = 0;
    for (int k = 0; k + 1 < count && !*found; ++k)
        if ((seen[2048 + k] < 0) != (seen[2048 + k + 1] < 0)) {
            left[0] = seen[k];
            right[0] = seen[k + 1];
            status = equations(left, given, room);
            if (!status)
                status = equations(right, given, room);
            if (!status)
                status = ad_within(equations, given, room, left, right, here, found);
            if (status)
                return status;
        }
    if (*found)
        return 0;
    reached[0][0] = start;
    status = equations(reached[0], given, room);
    if (status)
        return status;
    ad_copy(reached[1], reached[0], 5);
    double width = 0x1p-6 * fmax(fabs(start), 0x1p-6);
    for (int k = 0; k < 80 && !*found; ++k) {
        double *const before = reached[k % 2];
        double there[5];
        there[0] = k % 2 ? start - width : start + width;
        width *= k % 2 ? 2 : 1;
        if (!isfinite(there[0]))
            continue;
        status = equations(there, given, room);
        if (status)
            return status;
        if (!isfinite(there[1]))
            continue;
        if ((there[1] < 0) != (before[1] < 0)) {
            ad_copy(left, before[0] < there[0] ? before : there, 5);
            ad_copy(right, before[0] < there[0] ? there : before, 5);
            status = ad_within(equations, given, room, left, right, here, found);
            if (status)
                return status;
        }
        ad_copy(before, there, 5);
    }
    return 0;
}

/* The root of equations with one unknown: a status, which is 2 for none, and 1 where they are in another branch. */
static int ad_root(int (*equations)(double *, const double *const *, double *), const double *const *given,
                   double *room, double start, int branch, double *root)
{
    double seen[2 * 2048], here[5], work[8];
    int count, found;
    here[0] = start;
    int status = ad_newton(equations, given, room, here, seen, &count, &found, work, 1);
    if (!status && !found && count)
        status = ad_in_brackets(equations, given, room, start, seen, count, here, &found);
    *root = here[0];
    return status ? status : found != 1 ? 2 : here[4] != branch;
}

/* The same with n unknowns, in a room of so many numbers: 5 (n + 1)^2. */
static int ad_roots(int (*equations)(double *, const double *const *, double *), const double *const *given,
                    double *room, const double *start, int branch, double *root, int n, double *work)
{
    const int size = 3 * n + n * n + 1;
    int count, found;
    ad_copy(work, start, n);
    const int status = ad_newton(equations, given, room, work, 0, &count, &found, work + size, n);
    ad_copy(root, work, n);
    return status ? status : found != 1 ? 2 : work[size - 1] != branch;
}
