/* What runs a straight line, and sweeps it. Columns go in blocks of 64 rows, whose numbers lie side by side. */

#if defined(__GNUC__) && !defined(__TINYC__)
#define CALLED __attribute__((noinline))
#else
#define CALLED
#endif

/* What the engine has: the name of each row, the number of its operands, and whether it is swept. */
const char *ad_rows(void) { return /* ROWS */; }

static inline int holds(int32_t code, double a, double b)
{
    switch (code) {
/* COMPARISONS */
    }
    return 0;
}

/* Where a contribution to columns is computed: the first one in its place. */
static inline double *place_64(double *adjoints, int32_t operand, double *own)
{
    return operand < 0 ? adjoints + slot(operand) * 64 : own;
}

/* Adds what is not there yet. It is called: in each place it would take long to compile. */
CALLED static void add_64(double *adjoints, int32_t operand, const double *restrict term)
{
    if (operand < 0)
        return;
    double *restrict sum = adjoints + slot(operand) * 64;
    for (int i = 0; i < 64; ++i)
        sum[i] += term[i];
}

/* The values, from those of the inputs and of what does not vary, which are there. */
static int run_1(const struct ad_line *line, double *values)
{
    for (const int32_t *at = line->run; at != line->run_end;)
        switch (at[0]) {
/* VALUES OF 1 */
        default:
            if (!holds(-1 - at[0], values[at[1]], values[at[2]]))
                return ELSEWHERE;
            at += 3;
        }
    return OK;
}

static void sweep_1(const struct ad_line *line, const double *values, double *adjoints)
{
    for (const int32_t *at = line->sweep; at != line->sweep_end;)
        switch (at[0]) {
/* ADJOINTS OF 1 */
        default:
            return;
        }
}

static void run_64(const struct ad_line *line, double *values, signed char *status)
{
    for (const int32_t *at = line->run; at != line->run_end;)
        switch (at[0]) {
/* VALUES OF 64 */
        default: {
            const double *a = values + (size_t)at[1] * 64, *b = values + (size_t)at[2] * 64;
            for (int i = 0; i < 64; ++i)
                if (!holds(-1 - at[0], a[i], b[i]))
                    status[i] = ELSEWHERE;
            at += 3;
        }
        }
}

static void sweep_64(const struct ad_line *line, const double *values, double *adjoints)
{
    for (const int32_t *at = line->sweep; at != line->sweep_end;)
        switch (at[0]) {
/* ADJOINTS OF 64 */
        default:
            return;
        }
}

/* All values of a line at a point, in its slots; NOT_FINITE where one of them is not. */
int ad_values(const struct ad_line *line, const double *inputs, double *values)
{
    for (int64_t k = 0; k < line->input_count; ++k)
        values[line->inputs[k]] = inputs[k];
    if (run_1(line, values))
        return ELSEWHERE;
    for (int64_t k = 0; k < line->slots; ++k)
        if (!is_finite(values[k]))
            return NOT_FINITE;
    return OK;
}

/* The adjoints that are wanted, from those that the sweep starts with, which are there; the others of these are -0, to
 * which any number may be added without a change. */
int ad_sweep(const struct ad_line *line, const double *values, double *adjoints, double *results)
{
    sweep_1(line, values, adjoints);
    int status = OK;
    for (int64_t k = 0; k < line->by_count; ++k) {
        results[k] = adjoints[line->by[k]] + 0.0;
        if (!is_finite(results[k]))
            status = NOT_FINITE;
    }
    return status;
}

/* The value at a point, and the gradient behind it. */
int ad_gradient(const struct ad_line *line, const double *inputs, double *values, double *adjoints, double *results)
{
    for (int64_t k = 0; k < line->input_count; ++k)
        values[line->inputs[k]] = inputs[k];
    if (run_1(line, values))
        return ELSEWHERE;
    results[0] = values[line->output];
    if (!is_finite(results[0]))
        return NOT_FINITE;
    if (!line->by_count)
        return OK;
    for (int64_t k = 0; k < line->by_count; ++k)
        adjoints[line->by[k]] = -0.0;
    adjoints[line->output] = 1;
    return ad_sweep(line, values, adjoints, results + 1);
}

static void fill(double *numbers, double number)
{
    for (int i = 0; i < 64; ++i)
        numbers[i] = number;
}

/* Copies results. What is `added` is -0, which changes nothing, or 0, after which none is -0. */
static void finish(signed char *status, const double *found, double added, double *results, int rows)
{
    for (int i = 0; i < rows; ++i) {
        results[i] = found[i] + added;
        if (!is_finite(found[i]) && status[i] == OK)
            status[i] = NOT_FINITE;
    }
}

/* The same for the points of columns from `start` to `end` - 1: row k of `inputs` is the column of input k, with `count`
 * numbers, and so it is with the results. `values` and `adjoints` have 64 places for each slot; what does not vary is in
 * the first of each. */
void ad_columns(const struct ad_line *line, int64_t count, int64_t start, int64_t end, const double *inputs,
                double *values, double *adjoints, double *results, signed char *statuses)
{
    for (int64_t k = 0; k < line->slots; ++k)
        for (int i = 1; i < 64; ++i)
            values[64 * k + i] = values[64 * k];
    for (; start < end; start += 64) {
        const int rows = end - start < 64 ? (int)(end - start) : 64;
        signed char *status = statuses + start, spare[64];
        if (rows < 64)
            status = spare;
        for (int i = 0; i < 64; ++i)
            status[i] = OK;
        for (int64_t k = 0; k < line->input_count; ++k)
            for (int i = 0; i < 64; ++i)
                values[64 * (size_t)line->inputs[k] + i] = inputs[k * count + start + (i < rows ? i : 0)];
        run_64(line, values, status);
        finish(status, values + 64 * (size_t)line->output, -0.0, results + start, rows);
        if (line->by_count) {
            for (int64_t k = 0; k < line->by_count; ++k)
                fill(adjoints + 64 * (size_t)line->by[k], -0.0);
            fill(adjoints + 64 * line->output, 1);
            sweep_64(line, values, adjoints);
        }
        for (int64_t k = 0; k < line->by_count; ++k)
            finish(status, adjoints + 64 * (size_t)line->by[k], 0.0, results + (k + 1) * count + start, rows);
        if (rows < 64)
            for (int i = 0; i < rows; ++i)
                statuses[start + i] = status[i];
    }
}
