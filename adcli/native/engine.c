/* What runs a straight line, and sweeps it. Columns go in blocks of 64 rows, whose numbers lie side by side. */

#include <stddef.h>
#include <stdint.h>

#if defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ != 0
#error "numbers are rounded otherwise on this processor"
#endif

/* What computes columns is there twice, also for processors with wider vectors, where a compiler can do that. */
#if defined(__x86_64__) && defined(__GLIBC__)
#define WIDER __attribute__((target_clones("avx2", "default")))
#else
#define WIDER
#endif

enum { OK, ELSEWHERE, NOT_FINITE };

/* What the engine has: the name of each row, the number of its operands, and whether it is swept. */
const char *ad_rows(void) { return /* ROWS */; }

/* A straight line.
 *
 * slots: how many numbers it has
 * run, run_end: its instructions; one that is negative compares two slots
 * sweep, sweep_end: those of the sweep; an operand is the complement of its slot where it is the first use of this that
 *     the sweep comes to, unless the sweep starts there or the adjoint is wanted
 * inputs, input_count: the slots of its inputs
 * output: the slot of the result
 * by, by_count: the slots of the adjoints that are wanted
 */
struct ad_line {
    int64_t slots;
    const int32_t *run, *run_end, *sweep, *sweep_end;
    const int32_t *inputs;
    int64_t input_count;
    int64_t output;
    const int32_t *by;
    int64_t by_count;
};

static inline int holds(int32_t code, double a, double b)
{
    switch (code) {
/* COMPARISONS */
    }
    return 0;
}

/* A slot of an operand in a sweep: the complement of it where this is the first contribution that it receives. */
static inline size_t slot(int32_t operand)
{
    return (size_t)(operand < 0 ? ~operand : operand);
}

/* Where a contribution is computed, and its addition. The first one is stored: nothing has to be there before, and of
 * columns it is computed in its place. */
static inline double *place_1(double *adjoints, int32_t operand, double *own)
{
    (void)adjoints, (void)operand;
    return own;
}

static inline void add_1(double *adjoints, int32_t operand, const double *term)
{
    if (operand < 0)
        adjoints[slot(operand)] = term[0];
    else
        adjoints[operand] += term[0];
}

static inline double *place_64(double *adjoints, int32_t operand, double *own)
{
    return operand < 0 ? adjoints + slot(operand) * 64 : own;
}

static inline void add_64(double *adjoints, int32_t operand, const double *restrict term)
{
    if (operand < 0)
        return;
    double *restrict sum = adjoints + slot(operand) * 64;
    for (int i = 0; i < 64; ++i)
        sum[i] += term[i];
}

static inline void add_/* DIRECTIONS */(double *adjoints, int32_t operand, const double *restrict term)
{
    double *restrict sum = adjoints + slot(operand) * /* DIRECTIONS */;
    for (int i = 0; i < /* DIRECTIONS */; ++i)
        sum[i] = operand < 0 ? term[i] : sum[i] + term[i];
}

static inline int is_finite(double number)
{
    return fabs(number) <= 1.7976931348623157e308;
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

WIDER static void run_64(const struct ad_line *line, double *values, signed char *status)
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

WIDER static void sweep_64(const struct ad_line *line, const double *values, double *adjoints)
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

static void push(const struct ad_line *line, const double *values, double *tangents)
{
    for (const int32_t *at = line->run; at != line->run_end;)
        switch (at[0]) {
/* TANGENTS */
        default:
            return;
        }
}

static void pull(const struct ad_line *line, const double *values, const double *tangents, double *adjoints,
                 double *moved)
{
    for (const int32_t *at = line->sweep; at != line->sweep_end;)
        switch (at[0]) {
/* MOVED ADJOINTS */
        default:
            return;
        }
}

/* How the adjoints that are wanted move along each of `count` directions, from the values of a line: the second
 * derivatives of its output, times the direction. Here the instructions of `run` are those of tangents, and those of
 * `sweep` of adjoints with their tangents. Row k of `directions` is how the inputs move, and row k of `results` how the
 * wanted adjoints do. `tangents` and `moved` have a place for each slot and each direction that is computed at once. */
int ad_products(const struct ad_line *line, int64_t count, const double *values, const double *directions,
                double *tangents, double *adjoints, double *moved, double *results)
{
    enum { AT_ONCE = /* DIRECTIONS */ };
    int status = OK;
    for (int64_t first = 0; first < count; first += AT_ONCE) {
        const int64_t few = count - first < AT_ONCE ? count - first : AT_ONCE;
        for (int64_t k = 0; k < line->input_count; ++k)
            for (int64_t i = 0; i < AT_ONCE; ++i)
                tangents[AT_ONCE * (int64_t)line->inputs[k] + i] =
                    i < few ? directions[(first + i) * line->input_count + k] : 0.0;
        push(line, values, tangents);
        for (int64_t k = 0; k < line->by_count; ++k) {
            adjoints[line->by[k]] = -0.0;
            for (int64_t i = 0; i < AT_ONCE; ++i)
                moved[AT_ONCE * (int64_t)line->by[k] + i] = -0.0;
        }
        adjoints[line->output] = 1;
        for (int64_t i = 0; i < AT_ONCE; ++i)
            moved[AT_ONCE * line->output + i] = -0.0;
        pull(line, values, tangents, adjoints, moved);
        for (int64_t k = 0; k < line->by_count; ++k) {
            if (!is_finite(adjoints[line->by[k]]))
                status = NOT_FINITE;
            for (int64_t i = 0; i < few; ++i) {
                const double found = moved[AT_ONCE * (int64_t)line->by[k] + i] + 0.0;
                results[(first + i) * line->by_count + k] = found;
                if (!is_finite(found))
                    status = NOT_FINITE;
            }
        }
    }
    return status;
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
