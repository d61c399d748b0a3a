/* Operations on arrays, row by row. `before`, `count` and `behind` say how an axis lies in an array. */

static int ad_are_finite(const double *a, int count)
{
    for (int k = 0; k < count; ++k)
        if (!isfinite(a[k]))
            return 0;
    return 1;
}

static void ad_copy(double *result, const double *a, int count)
{
    for (int k = 0; k < count; ++k)
        result[k] = a[k];
}

static void ad_zeros(double *result, int count)
{
    for (int k = 0; k < count; ++k)
        result[k] = 0;
}

static void ad_ones(double *result, int count)
{
    for (int k = 0; k < count; ++k)
        result[k] = 1;
}

static void ad_eye(double *result, int rows, int columns)
{
    for (int i = 0; i < rows; ++i)
        for (int j = 0; j < columns; ++j)
            result[i * columns + j] = i == j;
}

/* Numbers at equal distances; the last one is b itself. */
static void ad_linspace(double *result, const double *a, const double *b, int count)
{
    const double step = count > 1 ? (*b - *a) / (count - 1) : 0;
    for (int k = 0; k < count; ++k)
        result[k] = step == 0 && count > 1 ? k / (double)(count - 1) * (*b - *a) + *a : k * step + *a;
    if (count > 1)
        result[count - 1] = *b;
}

/* The place that a subscript means, which may be counted backward from the end. */
static int ad_place(double subscript, int size)
{
    const int place = (int)subscript;
    return place < 0 ? place + size : place;
}

/* The sum of numbers at equal distances in memory, with what each addition rounds off (Neumaier 1974). */
static double ad_sum_of(const double *a, int count, int step)
{
    double total = 0, lost = 0;
    for (int k = 0; k < count; ++k) {
        const double term = a[k * step], next = total + term;
        lost += fabs(total) >= fabs(term) ? (total - next) + term : (term - next) + total;
        total = next;
    }
    return isfinite(total) ? total + lost : total;
}

static void ad_sum(double *result, const double *a, int before, int count, int behind)
{
    for (int i = 0; i < before; ++i)
        for (int j = 0; j < behind; ++j)
            result[i * behind + j] = ad_sum_of(a + i * count * behind + j, count, behind);
}

static void ad_mean(double *result, const double *a, int before, int count, int behind)
{
    ad_sum(result, a, before, count, behind);
    for (int k = 0; k < before * behind; ++k)
        result[k] /= count;
}

static void ad_product(double *result, const double *a, int before, int count, int behind)
{
    for (int i = 0; i < before; ++i)
        for (int j = 0; j < behind; ++j) {
            double product = 1;
            for (int k = 0; k < count; ++k)
                product *= a[(i * count + k) * behind + j];
            result[i * behind + j] = product;
        }
}

/* The place of the first largest number, or of the first that is none; with sign -1 of the smallest. */
static int ad_largest_at(const double *a, int count, int step, double sign)
{
    int place = 0;
    for (int k = 1; k < count && !isnan(a[place * step]); ++k)
        if (sign * a[k * step] > sign * a[place * step] || isnan(a[k * step]))
            place = k;
    return place;
}

static void ad_max(double *result, const double *a, int before, int count, int behind)
{
    for (int i = 0; i < before; ++i)
        for (int j = 0; j < behind; ++j) {
            const double *line = a + i * count * behind + j;
            result[i * behind + j] = line[ad_largest_at(line, count, behind, 1) * behind];
        }
}

static void ad_min(double *result, const double *a, int before, int count, int behind)
{
    for (int i = 0; i < before; ++i)
        for (int j = 0; j < behind; ++j) {
            const double *line = a + i * count * behind + j;
            result[i * behind + j] = line[ad_largest_at(line, count, behind, -1) * behind];
        }
}

static void ad_argmax(double *result, const double *a, int before, int count, int behind)
{
    for (int i = 0; i < before; ++i)
        for (int j = 0; j < behind; ++j)
            result[i * behind + j] = ad_largest_at(a + i * count * behind + j, count, behind, 1);
}

static void ad_argmin(double *result, const double *a, int before, int count, int behind)
{
    for (int i = 0; i < before; ++i)
        for (int j = 0; j < behind; ++j)
            result[i * behind + j] = ad_largest_at(a + i * count * behind + j, count, behind, -1);
}

/* The root of the sum of squares; what is added up is scaled by a power of two, so that no square overflows. */
static double ad_norm_of(const double *a, int count, int step)
{
    double largest = 0, total = 0;
    for (int k = 0; k < count; ++k) {
        if (isnan(a[k * step]))
            return NAN;
        largest = fmax(largest, fabs(a[k * step]));
    }
    if (largest == 0 || isinf(largest))
        return largest;
    int exponent;
    frexp(largest, &exponent);
    for (int k = 0; k < count; ++k) {
        const double scaled = ldexp(a[k * step], -exponent);
        total += scaled * scaled;
    }
    return ldexp(sqrt(total), exponent);
}

static void ad_norm(double *result, const double *a, int before, int count, int behind)
{
    for (int i = 0; i < before; ++i)
        for (int j = 0; j < behind; ++j)
            result[i * behind + j] = ad_norm_of(a + i * count * behind + j, count, behind);
}

/* What exponentials are divided by, so that the largest is 1. */
static double ad_top(const double *a, int count, int step)
{
    const double top = count ? a[ad_largest_at(a, count, step, 1) * step] : 0;
    return isfinite(top) ? top : 0;
}

static double ad_sum_of_exponentials(const double *a, int count, int step, double top)
{
    double total = 0;
    for (int k = 0; k < count; ++k)
        total += exp(a[k * step] - top);
    return total;
}

static void ad_logsumexp(double *result, const double *a, int before, int count, int behind)
{
    for (int i = 0; i < before; ++i)
        for (int j = 0; j < behind; ++j) {
            const double *line = a + i * count * behind + j;
            const double top = ad_top(line, count, behind);
            result[i * behind + j] = log(ad_sum_of_exponentials(line, count, behind, top)) + top;
        }
}

static void ad_softmax(double *result, const double *a, int before, int count, int behind)
{
    for (int i = 0; i < before; ++i)
        for (int j = 0; j < behind; ++j) {
            const double *line = a + i * count * behind + j;
            double *own = result + i * count * behind + j;
            const double top = ad_top(line, count, behind);
            const double total = ad_sum_of_exponentials(line, count, behind, top);
            for (int k = 0; k < count; ++k)
                own[k * behind] = exp(line[k * behind] - top) / total;
        }
}

/* That of the largest element is the logarithm of 1 and what the others add to it. */
static void ad_log_softmax(double *result, const double *a, int before, int count, int behind)
{
    for (int i = 0; i < before; ++i)
        for (int j = 0; j < behind; ++j) {
            const double *line = a + i * count * behind + j;
            double *own = result + i * count * behind + j;
            const double top = ad_top(line, count, behind);
            const int heaviest = ad_largest_at(line, count, behind, 1);
            double others = 0;
            for (int k = 0; k < count; ++k)
                others += k == heaviest ? 0 : exp(line[k * behind] - top);
            for (int k = 0; k < count; ++k)
                own[k * behind] = line[k * behind] - top - log1p(others);
        }
}

/* b less its mean, with the softmax of a for weights: counted from the element that weighs most. */
static void ad_centered(double *result, const double *a, const double *b, int before, int count, int behind)
{
    for (int i = 0; i < before; ++i)
        for (int j = 0; j < behind; ++j) {
            const int start = i * count * behind + j;
            const double top = ad_top(a + start, count, behind);
            const double heaviest = b[start + ad_largest_at(a + start, count, behind, 1) * behind];
            double total = 0, weights = 0;
            for (int k = 0; k < count; ++k) {
                const double weight = exp(a[start + k * behind] - top);
                weights += weight;
                total += weight * (b[start + k * behind] - heaviest);
            }
            for (int k = 0; k < count; ++k)
                result[start + k * behind] = b[start + k * behind] - heaviest - total / weights;
        }
}

static void ad_softmax_along(double *result, const double *a, const double *b, int before, int count, int behind)
{
    ad_centered(result, a, b, before, count, behind);
    for (int i = 0; i < before; ++i)
        for (int j = 0; j < behind; ++j) {
            const double *line = a + i * count * behind + j;
            double *own = result + i * count * behind + j;
            const double top = ad_top(line, count, behind);
            const double total = ad_sum_of_exponentials(line, count, behind, top);
            for (int k = 0; k < count; ++k)
                own[k * behind] = own[k * behind] * exp(line[k * behind] - top) / total;
        }
}

static void ad_cumsum(double *result, const double *a, int before, int count, int behind)
{
    for (int i = 0; i < before; ++i)
        for (int j = 0; j < behind; ++j) {
            double total = 0;
            for (int k = 0; k < count; ++k)
                result[(i * count + k) * behind + j] = total += a[(i * count + k) * behind + j];
        }
}

static void ad_cumprod(double *result, const double *a, int before, int count, int behind)
{
    for (int i = 0; i < before; ++i)
        for (int j = 0; j < behind; ++j) {
            double product = 1;
            for (int k = 0; k < count; ++k)
                result[(i * count + k) * behind + j] = product *= a[(i * count + k) * behind + j];
        }
}

/* a less its mean, counted from the first element: exactly 0 where all are equal. */
static void ad_demeaned(double *result, const double *a, int before, int count, int behind)
{
    for (int i = 0; i < before; ++i)
        for (int j = 0; j < behind; ++j) {
            const double *line = a + i * count * behind + j;
            double *own = result + i * count * behind + j;
            for (int k = 0; k < count; ++k)
                own[k * behind] = line[k * behind] - line[0];
            const double mean = ad_sum_of(own, count, behind) / count;
            for (int k = 0; k < count; ++k)
                own[k * behind] -= mean;
        }
}

static void ad_var(double *result, const double *a, int before, int count, int behind)
{
    for (int i = 0; i < before; ++i)
        for (int j = 0; j < behind; ++j) {
            const double *line = a + i * count * behind + j;
            double total = 0, squares = 0;
            for (int k = 0; k < count; ++k)
                total += line[k * behind] - line[0];
            for (int k = 0; k < count; ++k) {
                const double above = line[k * behind] - line[0] - total / count;
                squares += above * above;
            }
            result[i * behind + j] = squares / count;
        }
}

static void ad_std(double *result, const double *a, int before, int count, int behind)
{
    ad_var(result, a, before, count, behind);
    for (int k = 0; k < before * behind; ++k)
        result[k] = sqrt(result[k]);
}

/* The product of two matrices; a vector is one row, or one column. */
static void ad_matmul(double *result, const double *a, const double *b, int rows, int inner, int columns)
{
    for (int i = 0; i < rows; ++i) {
        for (int j = 0; j < columns; ++j)
            result[i * columns + j] = 0;
        for (int k = 0; k < inner; ++k)
            for (int j = 0; j < columns; ++j)
                result[i * columns + j] += a[i * inner + k] * b[k * columns + j];
    }
}

static void ad_outer(double *result, const double *a, const double *b, int rows, int columns)
{
    for (int i = 0; i < rows; ++i)
        for (int j = 0; j < columns; ++j)
            result[i * columns + j] = a[i] * b[j];
}

static void ad_transpose(double *result, const double *a, int rows, int columns)
{
    for (int i = 0; i < rows; ++i)
        for (int j = 0; j < columns; ++j)
            result[j * rows + i] = a[i * columns + j];
}

static void ad_trace(double *result, const double *a, int rows, int columns)
{
    *result = 0;
    for (int k = 0; k < rows && k < columns; ++k)
        *result += a[k * columns + k];
}

/* The diagonal of a matrix of this size, or the matrix of this size with a diagonal. */
static void ad_diag(double *result, const double *a, int rows, int columns, int is_vector)
{
    if (is_vector)
        ad_zeros(result, rows * columns);
    for (int k = 0; k < rows && k < columns; ++k) {
        if (is_vector)
            result[k * columns + k] = a[k];
        else
            result[k] = a[k * columns + k];
    }
}

static void ad_tril(double *result, const double *a, int rows, int columns)
{
    for (int i = 0; i < rows; ++i)
        for (int j = 0; j < columns; ++j)
            result[i * columns + j] = j <= i ? a[i * columns + j] : 0;
}

static void ad_triu(double *result, const double *a, int rows, int columns)
{
    for (int i = 0; i < rows; ++i)
        for (int j = 0; j < columns; ++j)
            result[i * columns + j] = j >= i ? a[i * columns + j] : 0;
}

static void ad_copyltu(double *result, const double *a, int size)
{
    for (int i = 0; i < size; ++i)
        for (int j = 0; j < size; ++j)
            result[i * size + j] = j <= i ? a[i * size + j] : a[j * size + i];
}

/* a, summed over what repeats a smaller array. */
static void ad_sum_to(double *result, const double *a, int rows, int columns, int own_rows, int own_columns)
{
    const int own_row = own_rows == rows, own_column = own_columns == columns;
    if (own_row && own_column)
        ad_copy(result, a, rows * columns);
    else if (own_column)
        ad_sum(result, a, 1, rows, columns);
    else if (own_row)
        ad_sum(result, a, rows, columns, 1);
    else
        ad_sum(result, a, 1, rows * columns, 1);
}

/* A matrix as the product of two triangles in its own place, by elimination with the largest pivots. It gives the sign
   of the exchanges of rows, which are made in b as well; 0 where no pivot is left. */
static int ad_eliminate(double *a, double *b, int size, int columns)
{
    int sign = 1;
    for (int k = 0; k < size; ++k) {
        int pivot = k;
        for (int i = k + 1; i < size; ++i)
            if (fabs(a[i * size + k]) > fabs(a[pivot * size + k]))
                pivot = i;
        if (!(fabs(a[pivot * size + k]) > 0))
            return 0;
        if (pivot != k) {
            sign = -sign;
            for (int j = 0; j < size; ++j) {
                const double other = a[k * size + j];
                a[k * size + j] = a[pivot * size + j];
                a[pivot * size + j] = other;
            }
            for (int j = 0; j < columns; ++j) {
                const double other = b[k * columns + j];
                b[k * columns + j] = b[pivot * columns + j];
                b[pivot * columns + j] = other;
            }
        }
        for (int i = k + 1; i < size; ++i) {
            const double factor = a[i * size + k] /= a[k * size + k];
            for (int j = k + 1; j < size; ++j)
                a[i * size + j] -= factor * a[k * size + j];
            for (int j = 0; j < columns; ++j)
                b[i * columns + j] -= factor * b[k * columns + j];
        }
    }
    return sign;
}

/* Solve with the upper triangle of a, in place. */
static void ad_back(const double *a, double *b, int size, int width, int columns)
{
    for (int i = size - 1; i >= 0; --i)
        for (int j = 0; j < columns; ++j) {
            double rest = b[i * columns + j];
            for (int k = i + 1; k < size; ++k)
                rest -= a[i * width + k] * b[k * columns + j];
            b[i * columns + j] = rest / a[i * width + i];
        }
}

/* NaN, where there is no solution. */
static void ad_none(double *result, int count)
{
    for (int k = 0; k < count; ++k)
        result[k] = NAN;
}

static void ad_solve(double *result, const double *a, const double *b, int size, int columns, double *room)
{
    ad_copy(room, a, size * size);
    ad_copy(result, b, size * columns);
    if (ad_eliminate(room, result, size, columns))
        ad_back(room, result, size, size, columns);
    else
        ad_none(result, size * columns);
}

static void ad_inv(double *result, const double *a, int size, double *room)
{
    ad_copy(room, a, size * size);
    ad_eye(result, size, size);
    if (ad_eliminate(room, result, size, size))
        ad_back(room, result, size, size, size);
    else
        ad_none(result, size * size);
}

static void ad_det(double *result, const double *a, int size, double *room)
{
    ad_copy(room, a, size * size);
    *result = ad_eliminate(room, room, size, 0);
    for (int k = 0; k < size && *result != 0; ++k)
        *result *= room[k * size + k];
}

static void ad_logdet(double *result, const double *a, int size, double *room)
{
    ad_copy(room, a, size * size);
    *result = ad_eliminate(room, room, size, 0) ? 0 : -INFINITY;
    for (int k = 0; k < size && isfinite(*result); ++k)
        *result += log(fabs(room[k * size + k]));
}

/* The lower triangle whose product with its transpose is the symmetric part of a; NaN if that is not positive definite. */
static void ad_cholesky(double *result, const double *a, int size)
{
    ad_zeros(result, size * size);
    for (int j = 0; j < size; ++j)
        for (int i = j; i < size; ++i) {
            double rest = (a[i * size + j] + a[j * size + i]) / 2;
            for (int k = 0; k < j; ++k)
                rest -= result[i * size + k] * result[j * size + k];
            if (i == j)
                result[i * size + i] = rest > 0 ? sqrt(rest) : NAN;
            else
                result[i * size + j] = rest / result[j * size + j];
        }
}

/* Reflect the columns of b, from a first one on, as Householder's vector in column k of a says. */
static void ad_reflect(const double *a, double *b, int rows, int width, int k, int columns, int first)
{
    double square = 0;
    for (int i = k; i < rows; ++i)
        square += a[i * width + k] * a[i * width + k];
    for (int j = first; j < columns; ++j) {
        double product = 0;
        for (int i = k; i < rows; ++i)
            product += a[i * width + k] * b[i * columns + j];
        for (int i = k; i < rows; ++i)
            b[i * columns + j] -= 2 * product / square * a[i * width + k];
    }
}

/* Q above R, by Householder's reflections; the diagonal of R is positive. */
static void ad_qr(double *result, const double *a, int rows, int columns, double *room)
{
    double *r = result + rows * columns;
    ad_copy(room, a, rows * columns);
    for (int k = 0; k < columns; ++k) {
        const double length = ad_norm_of(room + k * columns + k, rows - k, columns);
        const double diagonal = room[k * columns + k] > 0 ? -length : length;
        room[k * columns + k] -= diagonal;
        if (length > 0)
            ad_reflect(room, room, rows, columns, k, columns, k + 1);
        for (int j = 0; j < columns; ++j)
            r[k * columns + j] = j < k ? 0 : j == k ? diagonal : room[k * columns + j];
    }
    ad_eye(result, rows, columns);
    for (int k = columns - 1; k >= 0; --k)
        if (r[k * columns + k] != 0)
            ad_reflect(room, result, rows, columns, k, columns, 0);
    for (int k = 0; k < columns; ++k) {
        const double sign = r[k * columns + k] < 0 ? -1 : 1;
        for (int j = 0; j < columns; ++j)
            r[k * columns + j] *= sign;
        for (int i = 0; i < rows; ++i)
            result[i * columns + k] *= sign;
    }
}
