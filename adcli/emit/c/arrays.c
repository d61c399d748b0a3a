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
    ad_eye(result, size, size);
    ad_solve(result, a, result, size, size, room);
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

/* The lower triangle whose product with its transpose is the symmetric part of a; NaN if it is not positive definite. */
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

/* The places of numbers from the smallest to the largest, with NaN at the end; equal ones in their order. Runs of twice the length are merged; the room is for as many places. */
static void ad_order(double *places, const double *a, int count, int step, double *room)
{
    for (int k = 0; k < count; ++k)
        places[k] = k;
    for (int length = 1; length < count; length *= 2) {
        for (int start = 0; start < count; start += 2 * length) {
            const int middle = start + length < count ? start + length : count;
            const int end = middle + length < count ? middle + length : count;
            int left = start, right = middle;
            for (int k = start; k < end; ++k) {
                int is_right = left == middle;
                if (left < middle && right < end) {
                    const double own = a[(int)places[left] * step], other = a[(int)places[right] * step];
                    is_right = other < own || (isnan(own) && !isnan(other));
                }
                room[k] = is_right ? places[right++] : places[left++];
            }
        }
        ad_copy(places, room, count);
    }
}

static void ad_argsort(double *result, const double *a, int before, int count, int behind, double *room)
{
    for (int i = 0; i < before; ++i)
        for (int j = 0; j < behind; ++j) {
            ad_order(room, a + i * count * behind + j, count, behind, room + count);
            for (int k = 0; k < count; ++k)
                result[(i * count + k) * behind + j] = room[k];
        }
}

/* b in the order of a. */
static void ad_sort_along(double *result, const double *a, const double *b, int before, int count, int behind,
                          double *room)
{
    for (int i = 0; i < before; ++i)
        for (int j = 0; j < behind; ++j) {
            const int start = i * count * behind + j;
            ad_order(room, a + start, count, behind, room + count);
            for (int k = 0; k < count; ++k)
                result[start + k * behind] = b[start + (int)room[k] * behind];
        }
}

static void ad_sort(double *result, const double *a, int before, int count, int behind, double *room)
{
    ad_sort_along(result, a, a, before, count, behind, room);
}

/* b, which is in the order of a, back at the places of a. */
static void ad_sort_back(double *result, const double *a, const double *b, int before, int count, int behind,
                         double *room)
{
    for (int i = 0; i < before; ++i)
        for (int j = 0; j < behind; ++j) {
            const int start = i * count * behind + j;
            ad_order(room, a + start, count, behind, room + count);
            for (int k = 0; k < count; ++k)
                result[start + (int)room[k] * behind] = b[start + k * behind];
        }
}

/* The number in the middle, or the mean of the two; NaN if any is. */
static void ad_median(double *result, const double *a, int before, int count, int behind, double *room)
{
    for (int i = 0; i < before; ++i)
        for (int j = 0; j < behind; ++j) {
            const double *line = a + i * count * behind + j;
            ad_order(room, line, count, behind, room + count);
            const double low = line[(int)room[(count - 1) / 2] * behind], high = line[(int)room[count / 2] * behind];
            const double mean = isinf((low + high) / 2) ? low / 2 + high / 2 : (low + high) / 2;
            const int is_none = isnan(line[(int)room[count - 1] * behind]);
            result[i * behind + j] = is_none ? NAN : count % 2 ? low : mean;
        }
}

/* Each element less the one before it. */
static void ad_diff(double *result, const double *a, int before, int count, int behind)
{
    for (int i = 0; i < before; ++i)
        for (int k = 0; k + 1 < count; ++k)
            for (int j = 0; j < behind; ++j) {
                const double *own = a + (i * count + k) * behind + j;
                result[(i * (count - 1) + k) * behind + j] = own[behind] - own[0];
            }
}

/* The elements moved so many places onward, the last ones to the front. */
static void ad_roll(double *result, const double *a, const double *places, int before, int count, int behind)
{
    for (int i = 0; i < before; ++i)
        for (int k = 0; k < count; ++k)
            for (int j = 0; j < behind; ++j) {
                const int place = (int)ad_mod(k + fmod(*places, count), count);
                result[(i * count + place) * behind + j] = a[(i * count + k) * behind + j];
            }
}

/* The determinant of a without a row and a column, with a row of b in the place of another one, if there is such. */
static double ad_minor(const double *a, const double *b, int size, int row, int column, int other, double *room)
{
    const int less = size - 1;
    for (int i = 0; i < less; ++i)
        for (int j = 0; j < less; ++j) {
            const int from = i + (i >= row);
            room[i * less + j] = (from == other ? b : a)[from * size + j + (j >= column)];
        }
    if (less == 2)
        return room[0] * room[3] - room[1] * room[2];
    double product = ad_eliminate(room, room, less, 0);
    for (int k = 0; k < less && product != 0; ++k)
        product *= room[k * less + k];
    return product;
}

/* The minors with their signs: they are there for a singular matrix as well. */
static void ad_cofactor(double *result, const double *a, int size, double *room)
{
    for (int i = 0; i < size; ++i)
        for (int j = 0; j < size; ++j) {
            const double minor = ad_minor(a, a, size, i, j, size, room);
            result[i * size + j] = (i + j) % 2 ? -minor : minor;
        }
}

/* How they change along b: of a determinant, row by row. */
static void ad_cofactor_along(double *result, const double *a, const double *b, int size, double *room)
{
    for (int i = 0; i < size; ++i)
        for (int j = 0; j < size; ++j) {
            double along = 0;
            for (int row = 0; row < size; ++row)
                along += row == i ? 0 : ad_minor(a, b, size, i, j, row, room);
            result[i * size + j] = (i + j) % 2 ? -along : along;
        }
}

static void ad_solve_triangular(double *result, const double *a, const double *b, const double *lower, int size,
                                int columns)
{
    ad_copy(result, b, size * columns);
    if (*lower == 0) {
        ad_back(a, result, size, size, columns);
        return;
    }
    for (int i = 0; i < size; ++i)
        for (int j = 0; j < columns; ++j) {
            double rest = b[i * columns + j];
            for (int k = 0; k < i; ++k)
                rest -= a[i * size + k] * result[k * columns + j];
            result[i * columns + j] = rest / a[i * size + i];
        }
}

/* R x = Q' b, with room for Q above R, and for what makes it. */
static void ad_lstsq(double *result, const double *a, const double *b, int rows, int size, int columns, double *room)
{
    const double *r = room + rows * size;
    ad_qr(room, a, rows, size, room + (rows + size) * size);
    for (int i = 0; i < size; ++i)
        for (int j = 0; j < columns; ++j) {
            double product = 0;
            for (int k = 0; k < rows; ++k)
                product += room[k * size + i] * b[k * columns + j];
            result[i * columns + j] = product;
        }
    ad_back(r, result, size, size, columns);
}

/* R x = Q' for a tall matrix, and the same of its transpose for a wide one. */
static void ad_pinv(double *result, const double *a, int rows, int columns, double *room)
{
    const int is_tall = rows >= columns, size = is_tall ? columns : rows, length = is_tall ? rows : columns;
    double *tall = room, *q = tall + rows * columns, *inverse = q + (length + size) * size + rows * columns;
    if (is_tall)
        ad_copy(tall, a, rows * columns);
    else
        ad_transpose(tall, a, rows, columns);
    ad_qr(q, tall, length, size, q + (length + size) * size);
    ad_transpose(inverse, q, length, size);
    ad_back(q + length * size, inverse, size, size, length);
    if (is_tall)
        ad_copy(result, inverse, rows * columns);
    else
        ad_transpose(result, inverse, size, length);
}

static void ad_cross(double *result, const double *a, const double *b)
{
    for (int k = 0; k < 3; ++k)
        result[k] = a[(k + 1) % 3] * b[(k + 2) % 3] - a[(k + 2) % 3] * b[(k + 1) % 3];
}

static void ad_kron(double *result, const double *a, const double *b, int rows, int columns, int own_rows,
                    int own_columns)
{
    for (int i = 0; i < rows * own_rows; ++i)
        for (int j = 0; j < columns * own_columns; ++j)
            result[i * columns * own_columns + j] = a[i / own_rows * columns + j / own_columns]
                                                    * b[i % own_rows * own_columns + j % own_columns];
}

static void ad_tile(double *result, const double *a, int rows, int columns, int own_rows, int own_columns)
{
    for (int i = 0; i < rows; ++i)
        for (int j = 0; j < columns; ++j)
            result[i * columns + j] = a[i % own_rows * own_columns + j % own_columns];
}

static void ad_sum_tiles(double *result, const double *a, int rows, int columns, int own_rows, int own_columns)
{
    ad_zeros(result, own_rows * own_columns);
    for (int i = 0; i < rows; ++i)
        for (int j = 0; j < columns; ++j)
            result[i % own_rows * own_columns + j % own_columns] += a[i * columns + j];
}

/* The elements at some places; NaN at a place that there is not. */
static void ad_take(double *result, const double *a, const double *places, int size, int count)
{
    for (int k = 0; k < count; ++k)
        result[k] = places[k] >= 0 && places[k] < size ? a[(int)places[k]] : NAN;
}

/* Elements, summed at their places. */
static void ad_sum_at(double *result, const double *a, const double *places, int size, int count, int step)
{
    ad_zeros(result, size);
    for (int k = 0; k < count; ++k) {
        if (places[k] >= 0 && places[k] < size)
            result[(int)places[k]] += a[k * step];
        else
            result[0] = NAN;
    }
}

/* By Horner's rule, the coefficient of the highest power first. */
static void ad_polyval(double *result, const double *p, const double *x, int size, int count)
{
    for (int k = 0; k < count; ++k) {
        result[k] = p[0];
        for (int power = 1; power < size; ++power)
            result[k] = result[k] * x[k] + p[power];
    }
}

/* The powers of numbers, the highest first and 1 last. */
static void ad_vander(double *result, const double *x, int count, int size)
{
    for (int k = 0; k < count; ++k)
        for (int power = size - 1; power >= 0; --power)
            result[k * size + power] = power == size - 1 ? 1 : result[k * size + power + 1] * x[k];
}

/* How many elements of a vector that is in order are less than each number. */
static void ad_searchsorted(double *result, const double *knots, const double *x, int size, int count)
{
    for (int k = 0; k < count; ++k) {
        int place = 0;
        while (place < size && (knots[place] < x[k] || isnan(x[k])))
            ++place;
        result[k] = place;
    }
}

/* A table: linear between its knots, constant beyond them, and exact at each. */
static void ad_interp(double *result, const double *x, const double *knots, const double *heights, int count, int size)
{
    for (int k = 0; k < count; ++k) {
        int behind = 0;
        while (behind + 2 < size && knots[behind + 1] < x[k])
            ++behind;
        if (isnan(x[k]))
            result[k] = NAN;
        else if (x[k] < knots[0] || size == 1)
            result[k] = heights[0];
        else if (x[k] > knots[size - 1])
            result[k] = heights[size - 1];
        else {
            const double width = knots[behind + 1] - knots[behind], low = heights[behind], high = heights[behind + 1];
            const double share = (x[k] - knots[behind]) / width, rest = (knots[behind + 1] - x[k]) / width;
            result[k] = share <= 0.5 ? low + share * (high - low) : high - rest * (high - low);
            if (!isfinite(high - low))
                result[k] = rest * low + share * high;
        }
    }
}

/* A power of 2 of the size of a matrix. */
static void ad_size_of(double *result, const double *a, int count)
{
    double largest = 0;
    for (int k = 0; k < count; ++k)
        largest = fmax(largest, fabs(a[k]));
    int exponent = 0;
    frexp(largest, &exponent);
    *result = largest > 0 && isfinite(largest) ? ldexp(1.0, exponent < 1023 ? exponent : 1023) : 1;
}

/* The product of so many factors, or of so many inverses: the largest power is squared until it is reached. */
static void ad_matrix_power(double *result, const double *a, const double *exponent, int size, double *room)
{
    double *base = room, *product = room + size * size;
    if (*exponent < 0)
        ad_inv(base, a, size, product);
    else
        ad_copy(base, a, size * size);
    ad_eye(result, size, size);
    for (int left = (int)fabs(*exponent); left; left /= 2) {
        if (left % 2) {
            ad_matmul(product, result, base, size, size, size);
            ad_copy(result, product, size * size);
        }
        ad_matmul(product, base, base, size, size, size);
        ad_copy(base, product, size * size);
    }
}

/* The blocks of a matrix, each as a row. */
static void ad_blocks(double *result, const double *a, const double *high, const double *wide, int rows, int columns)
{
    const int height = (int)*high, width = (int)*wide, across = columns / width;
    for (int i = 0; i < rows; ++i)
        for (int j = 0; j < columns; ++j) {
            const int block = i / height * across + j / width, place = i % height * width + j % width;
            result[block * height * width + place] = a[i * columns + j];
        }
}

/* Add the product of two square matrices. */
static void ad_add_product(double *result, const double *a, const double *b, int size)
{
    for (int i = 0; i < size; ++i)
        for (int k = 0; k < size; ++k)
            for (int j = 0; j < size; ++j)
                result[i * size + j] += a[i * size + k] * b[k * size + j];
}

/* How a power of a changes along b: both are squared and multiplied at once, by the rule for products. */
static void ad_matrix_power_along(double *result, const double *a, const double *b, const double *exponent, int size,
                                  double *room)
{
    const int count = size * size;
    double *base = room, *moved = base + count, *power = moved + count, *next = power + count;
    if (*exponent < 0) {
        ad_inv(base, a, size, next);
        ad_matmul(next, base, b, size, size, size);
        ad_matmul(moved, next, base, size, size, size);
        for (int k = 0; k < count; ++k)
            moved[k] = -moved[k];
    } else {
        ad_copy(base, a, count);
        ad_copy(moved, b, count);
    }
    ad_eye(power, size, size);
    ad_zeros(result, count);
    for (int left = (int)fabs(*exponent); left; left /= 2) {
        if (left % 2) {
            ad_matmul(next, result, base, size, size, size);
            ad_add_product(next, power, moved, size);
            ad_copy(result, next, count);
            ad_matmul(next, power, base, size, size, size);
            ad_copy(power, next, count);
        }
        ad_matmul(next, base, moved, size, size, size);
        ad_add_product(next, moved, base, size);
        ad_copy(moved, next, count);
        ad_matmul(next, base, base, size, size, size);
        ad_copy(base, next, count);
    }
}
