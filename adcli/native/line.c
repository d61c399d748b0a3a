/* A straight line, with what all that goes along it needs. */

#include <stddef.h>
#include <stdint.h>

#if defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ != 0
#error "numbers are rounded otherwise on this processor"
#endif

enum { OK, ELSEWHERE, NOT_FINITE };

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

/* A slot of an operand in a sweep: the complement of it where this is the first contribution that it receives. */
static inline size_t slot(int32_t operand)
{
    return (size_t)(operand < 0 ? ~operand : operand);
}

/* Adds a contribution. The first one is stored: nothing has to be there before. */
static inline void add_1(double *adjoints, int32_t operand, const double *term)
{
    if (operand < 0)
        adjoints[slot(operand)] = term[0];
    else
        adjoints[operand] += term[0];
}

static inline int is_finite(double number)
{
    return fabs(number) <= 1.7976931348623157e308;
}
