/* Numbers as text: the shortest digits that give a number again, and the number that is nearest to some digits.
 *
 * Both take a product with a power of ten of 128 bits, rounded up. The shortest digits: R. Giulietti, "The Schubfach way
 * to render doubles", 2020. The nearest number: as in D. Lemire, "Number parsing at a gigabyte per second", Software:
 * Practice and Experience 51 (2021); what the product leaves open is told, and not guessed. */

enum { LEAST_POWER = /* LEAST POWER */, EXACT_POWERS = 55, LARGEST_POWER = 308, DIGITS = 19, LONGEST = 100000 };

/* The powers of ten as two words, of which the first bit is 1: times a power of 2. */
static const uint64_t powers[][2] = {
/* POWERS */
};

static const double exact[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
                               1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

typedef union {
    double number;
    uint64_t bits;
} pattern;

/* floor(log2(10^power)) for |power| < 1233 */
static int log2_of(int power)
{
    return (power * 1741647) >> 19;
}

/* The upper half of a product; the lower one is put in its place. */
static uint64_t product(uint64_t a, uint64_t b, uint64_t *low)
{
#ifdef __SIZEOF_INT128__
    const unsigned __int128 whole = (unsigned __int128)a * b;
    *low = (uint64_t)whole;
    return (uint64_t)(whole >> 64);
#else
    const uint64_t a0 = a & 0xFFFFFFFF, a1 = a >> 32, b0 = b & 0xFFFFFFFF, b1 = b >> 32;
    const uint64_t first = a0 * b0, second = a1 * b0 + (first >> 32), third = a0 * b1 + (second & 0xFFFFFFFF);
    *low = third << 32 | (first & 0xFFFFFFFF);
    return a1 * b1 + (second >> 32) + (third >> 32);
#endif
}

/* The upper third of a product with a power; its last bit is 1 where there is anything behind. */
static uint64_t rounded_to_odd(const uint64_t *power, uint64_t factor)
{
    uint64_t low, carried, middle;
    const uint64_t high = product(power[0], factor, &middle);
    carried = product(power[1], factor, &low);
    middle += carried;
    return (high + (middle < carried)) | (middle > 1);
}

/* The shortest of the decimals, the result times 10^power, that round to a positive number; of several the nearest. */
static uint64_t shortest(uint64_t bits, int *power)
{
    const uint64_t fraction = bits & 0xFFFFFFFFFFFFF;
    const int biased = (int)(bits >> 52);
    const uint64_t whole = biased ? fraction | (uint64_t)1 << 52 : fraction, odd = whole & 1;
    const int exponent = (biased ? biased : 1) - 1075, is_power_of_2 = !fraction && biased > 1;
    /* floor(log10(2^exponent)), and of a power of 2, below which numbers are closer, floor(log10(3/4 * 2^exponent)) */
    const int k = (exponent * 1262611 - (is_power_of_2 ? 524031 : 0)) >> 22;
    const int shift = exponent + log2_of(-k) + 1;
    const uint64_t *ten = powers[-k - LEAST_POWER];
    const uint64_t lower = rounded_to_odd(ten, (4 * whole - 2 + (uint64_t)is_power_of_2) << shift) + odd;
    const uint64_t value = rounded_to_odd(ten, 4 * whole << shift);
    const uint64_t upper = rounded_to_odd(ten, (4 * whole + 2) << shift) - odd;
    const uint64_t below = value / 4, tens = below / 10, middle = 4 * below + 2;
    int is_lower = lower <= 40 * tens, is_upper = 40 * tens + 40 <= upper;
    *power = k + 1;
    if (below >= 10 && is_lower != is_upper)
        return tens + (uint64_t)is_upper;
    *power = k;
    is_lower = lower <= 4 * below, is_upper = 4 * below + 4 <= upper;
    if (is_lower != is_upper)
        return below + (uint64_t)is_upper;
    return below + (value > middle || (value == middle && below & 1));
}

static char *copied(const char *from, const char *end, char *to)
{
    while (from != end)
        *to++ = *from++;
    return to;
}

static char *repeated(char letter, int count, char *to)
{
    for (; count > 0; --count)
        *to++ = letter;
    return to;
}

/* Digits without the zeros at their end, right before `end`; the first of them. */
static char *spelled(uint64_t digits, char *end, int *power)
{
    for (; digits % 100000000 == 0; *power += 8)
        digits /= 100000000;
    for (; digits % 10 == 0; ++*power)
        digits /= 10;
    for (; digits >= 10; digits /= 100) {
        const int two = (int)(digits % 100);
        *--end = (char)('0' + two % 10);
        *--end = (char)('0' + two / 10);
    }
    if (digits)
        *--end = (char)('0' + digits);
    return end;
}

static char *put_exponent(int exponent, char *to)
{
    const int size = exponent < 0 ? -exponent : exponent;
    *to++ = 'e';
    *to++ = exponent < 0 ? '-' : '+';
    if (size >= 100)
        *to++ = (char)('0' + size / 100);
    *to++ = (char)('0' + size / 10 % 10);
    *to++ = (char)('0' + size % 10);
    return to;
}

/* A finite number as Python writes it, in 24 letters at most. */
static char *put_number(double number, char *to)
{
    const char zero[] = "0.0";
    char room[24];
    pattern of;
    int power;
    of.number = number;
    if (of.bits >> 63)
        *to++ = '-';
    of.bits = of.bits << 1 >> 1;
    if (!of.bits)
        return copied(zero, zero + 3, to);
    const uint64_t digits = shortest(of.bits, &power);
    const char *last = room + 24, *first = spelled(digits, room + 24, &power);
    const int count = (int)(last - first), point = count + power;
    if (point > 16 || point < -3) {
        *to++ = *first;
        if (count > 1)
            *to++ = '.';
        return put_exponent(point - 1, copied(first + 1, last, to));
    }
    if (point <= 0) {
        to = repeated('0', -point, copied(zero, zero + 2, to));
        return copied(first, last, to);
    }
    if (count > point) {
        to = copied(first, first + point, to);
        *to++ = '.';
        return copied(first + point, last, to);
    }
    to = repeated('0', point - count, copied(first, last, to));
    return copied(zero + 1, zero + 3, to);
}

/* A column that is written: numbers, or texts, and what stands before each. */
struct ad_column {
    const double *numbers;
    const char *text;
    const int64_t *starts, *ends;
    const char *before, *before_end;
};

/* Rows of columns as text, from `row` to `end` - 1, with something behind each, and `nothing` for what is not finite.
 * How many bytes these are. */
int64_t ad_lines(const struct ad_column *columns, int64_t count, const char *behind, const char *behind_end,
                 const char *nothing, const char *nothing_end, int64_t row, int64_t end, char *text)
{
    char *to = text;
    for (; row < end; ++row) {
        for (const struct ad_column *column = columns; column != columns + count; ++column) {
            to = copied(column->before, column->before_end, to);
            if (!column->numbers)
                to = copied(column->text + column->starts[row], column->text + column->ends[row], to);
            else if (is_finite(column->numbers[row]))
                to = put_number(column->numbers[row], to);
            else
                to = copied(nothing, nothing_end, to);
        }
        to = copied(behind, behind_end, to);
    }
    return to - text;
}

static const uint64_t UNDECIDED = ~(uint64_t)0;

/* The bits of the number that is nearest to digits times 10^power; UNDECIDED where more digits of the power would have
 * to be known, and where there is no finite one. */
static uint64_t nearest(uint64_t digits, int power)
{
    uint64_t middle, low, carried;
    int zeros = 0;
    if (!digits || power < LEAST_POWER)
        return 0;
    if (power > LARGEST_POWER)
        return UNDECIDED;
    for (; !(digits >> 63); digits <<= 1)
        ++zeros;
    const uint64_t *ten = powers[power - LEAST_POWER];
    uint64_t high = product(ten[0], digits, &middle);
    carried = product(ten[1], digits, &low);
    middle += carried;
    high += middle < carried;
    const int is_short = !(high >> 63), biased = log2_of(power) + 1087 - zeros - is_short;
    const int dropped = 11 - is_short + (biased > 0 ? 0 : 1 - biased); /* bits of `high` */
    if (biased >= 2047)
        return UNDECIDED;
    if (dropped > 64)
        return 0;
    const uint64_t half = (uint64_t)1 << (dropped - 1), rest = high & (half - 1 + half);
    const uint64_t kept = (biased > 0 ? (uint64_t)(biased - 1) << 52 : 0) + (dropped < 64 ? high >> dropped : 0);
    if (rest != half)
        return kept + (rest > half);
    if (power >= 0 && power <= EXACT_POWERS)
        return kept + (middle || low || kept & 1);
    return middle ? kept + 1 : UNDECIDED; /* the product is too large by less than 1 of `middle` */
}

/* Digits as they are read, those after the first DIGITS as a power of ten. */
struct digits {
    uint64_t value;
    int count, power, is_cut;
};

static const char *read_digits(const char *at, const char *end, int is_behind_point, struct digits *into)
{
    for (; at != end && *at >= '0' && *at <= '9'; ++at) {
        const int digit = *at - '0';
        if (into->count < DIGITS) {
            into->value = 10 * into->value + (uint64_t)digit;
            into->count += into->value != 0;
            into->power -= is_behind_point;
        } else {
            into->is_cut |= digit != 0;
            into->power += !is_behind_point;
        }
    }
    return at;
}

static int number_of(const struct digits *read, int power, double *result)
{
    pattern of;
    if (!read->is_cut && read->value <= (uint64_t)1 << 53 && power >= -22 && power <= 22) {
        of.number = (double)(int64_t)read->value;
        *result = power < 0 ? of.number / exact[-power] : of.number * exact[power];
        return 1;
    }
    of.bits = nearest(read->value, power);
    *result = of.number;
    return is_finite(of.number) && (!read->is_cut || of.bits == nearest(read->value + 1, power));
}

/* Read a number, written as most are; the place behind it, or 0 where somebody else has to look. */
static const char *read_number(const char *at, const char *end, double *result)
{
    struct digits read = {0, 0, 0, 0};
    const int is_negative = at != end && *at == '-';
    at += at != end && (*at == '-' || *at == '+');
    const char *start = at;
    at = read_digits(at, end, 0, &read);
    int count = (int)(at - start), exponent = 0;
    if (at != end && *at == '.') {
        start = ++at;
        at = read_digits(at, end, 1, &read);
        count += (int)(at - start);
    }
    if (!count)
        return 0;
    if (at != end && (*at == 'e' || *at == 'E')) {
        const int is_below = ++at != end && *at == '-';
        at += at != end && (*at == '-' || *at == '+');
        start = at;
        for (; at != end && *at >= '0' && *at <= '9'; ++at)
            exponent = exponent < LONGEST ? 10 * exponent + (*at - '0') : exponent;
        if (at == start)
            return 0;
        exponent = is_below ? -exponent : exponent;
    }
    if (!number_of(&read, read.power + exponent, result))
        return 0;
    *result = is_negative ? -*result : *result;
    return at;
}

static int ends_cell(const char *at, const char *end, char between)
{
    return at == end || *at == between || *at == '\n' || (*at == '\r' && at + 1 != end && at[1] == '\n');
}

static const char *behind_spaces(const char *at, const char *end)
{
    while (at != end && *at == ' ')
        ++at;
    return at;
}

static const char *behind_line(const char *at, const char *end)
{
    while (at != end && *at != '\n')
        ++at;
    return at == end ? at : at + 1;
}

/* What a cell is: its text, and where it ends. */
struct cell {
    const char *start, *stop, *at;
    int is_plain;
};

/* A cell from its first letter on, which is a quote if `is_quoted`, with the number in it where one is wanted. */
static struct cell read_cell(const char *at, const char *end, char between, int is_quoted, double *number)
{
    struct cell cell = {at + is_quoted, at, at, 1};
    const char *behind = 0;
    if (number && !is_quoted) {
        behind = read_number(at, end, number);
        cell.at = behind ? behind_spaces(behind, end) : at;
        cell.is_plain = behind && ends_cell(cell.at, end, between);
    }
    if (is_quoted) {
        for (cell.at = cell.start; cell.at != end && *cell.at != '"' && *cell.at != '\n'; ++cell.at)
            cell.is_plain &= *cell.at != '\r' && *cell.at;
        cell.stop = cell.at;
        cell.at += cell.at != end && *cell.at == '"';
        cell.is_plain &= cell.at != cell.stop && ends_cell(cell.at, end, between);
        if (number) {
            behind = read_number(behind_spaces(cell.start, cell.stop), cell.stop, number);
            cell.is_plain &= behind && behind_spaces(behind, cell.stop) == cell.stop;
        }
    }
    for (; !ends_cell(cell.at, end, between); ++cell.at)
        cell.is_plain &= *cell.at != '"' && *cell.at != '\r' && *cell.at;
    if (!is_quoted)
        cell.stop = cell.at;
    cell.is_plain &= cell.at - at <= LONGEST;
    return cell;
}

/* Read the lines of a text from `first` to before `last`, rows of so many cells.
 *
 * uses: of each cell the column of its number, and the column of its text, or -1
 * numbers, starts, ends: the columns, one behind the other, of `count` rows each; texts as places in the text
 * strange: of each row where its line starts if somebody else has to look at it, or -1: it has another number of cells,
 *     a number that is not written as most are, a quote in a text, or it is a comment
 *
 * How many rows there are. */
int64_t ad_cells(const char *text, int64_t first, int64_t last, char between, int64_t width, const int32_t *uses,
                 int64_t count, int64_t row, double *numbers, int64_t *starts, int64_t *ends, int64_t *strange)
{
    const char *at = text + first, *const end = text + last;
    const int64_t before = row;
    for (; at != end && row < count; ++row) {
        const char *line = at;
        int is_plain = *at != '#';
        for (int64_t place = 0; place < width; ++place) {
            const int32_t number = uses[2 * place], kept = uses[2 * place + 1];
            at = behind_spaces(at, end);
            const struct cell cell =
                read_cell(at, end, between, at != end && *at == '"', number < 0 ? 0 : numbers + number * count + row);
            const int is_followed = cell.at != end && *cell.at == between;
            if (kept >= 0) {
                starts[kept * count + row] = cell.start - text;
                ends[kept * count + row] = cell.stop - text;
            }
            is_plain &= cell.is_plain && is_followed == (place + 1 < width);
            at = cell.at + (is_followed && place + 1 < width);
        }
        strange[row] = is_plain ? -1 : line - text;
        at = behind_line(at, end);
    }
    return row - before;
}
