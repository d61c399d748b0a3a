/* Products with a Hessian: tangents forward along a line, and backward with the adjoints whose tangents they are. */

/* What it has: the name of each row, the number of its operands, and that it is swept. */
const char *ad_moved_rows(void) { return /* ROWS */; }

static inline void add_/* DIRECTIONS */(double *adjoints, int32_t operand, const double *restrict term)
{
    double *restrict sum = adjoints + slot(operand) * /* DIRECTIONS */;
    for (int i = 0; i < /* DIRECTIONS */; ++i)
        sum[i] = operand < 0 ? term[i] : sum[i] + term[i];
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
