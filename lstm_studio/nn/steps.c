/* A layer of the peephole LSTM on a processor, forward and back: peephole_cpu.py says what is computed. Plain C
   without any library, so that one file serves every system; the loops are written to be vectorised. All arrays are
   rows of float; gates stand in the order i, f, u, o, weights in the order i, f, g, o. */

#include "kernel.h"

#define BLOCK 64
#define DEEP 128
#define ROWS 96

/* One run of a layer over B rows of up to T steps, longest first. What stands from dh on is for the way back. */
struct layer {
    int64_t steps, rows, inputs, hidden, current; /* current: the output gate sees the new memory */
    int64_t x_step, x_row, dh_step, dh_row;       /* numbers from a step or a row of x or dh to the next */
    const int64_t *active;                        /* [T] rows that run at each step; null: all do */
    const float *x;                               /* [T, B, I] */
    float *gates;                                 /* [T, B, 4H] i, f, u, o */
    const float *h0, *c0;                         /* [B, H] before the first step */
    float *states, *memories;                     /* [T + 1, B, H] h and q, first those before the first step */
    float *h_n, *c_n;                             /* [B, H] behind each row's last step */
    float *squashed;                              /* [T, B, H] s */
    const float *weights_x, *weights_h;           /* laid out by pack, for this way */
    const float *bias, *peepholes;                /* [4H]; [3, H] for i, f, o */
    const float *dh, *dh_n, *dc_n;                /* what comes back at h, h_n and c_n; null: nothing */
    float *dx, *dh0, *dc0;                        /* [T, B, I], [B, H] twice; null: nobody asks */
};

/* exp(x) as 2^n e^r with |r| <= ln(2) / 2; the polynomial is that of Cephes (Moshier), good to 2 units in the last
   place. Adding 1.5 * 2^23 rounds to a whole number, which then stands in the low bits. */
static inline float power(float x)
{
    x = x > 87.0f ? 87.0f : x;
    x = x < -87.0f ? -87.0f : x;
    float shifted = x * 1.44269504088896341f + 12582912.0f;
    int32_t bits;
    memcpy(&bits, &shifted, 4);
    float n = shifted - 12582912.0f;
    float r = x - n * 0.693359375f + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    bits = (bits + 127) << 23;
    float scale;
    memcpy(&scale, &bits, 4);
    return p * scale;
}

static inline float sigmoid(float x)
{
    return 1.0f / (1.0f + power(-x));
}

/* Products stand in registers: STRIP rows of a panel, each of MANY times LANE numbers; so many that they, what they are
   multiplied with and nothing else fill the registers there are. */
#if defined(__AVX512F__)
#define LANE 16
#define MANY 2
#define STRIP 8
#elif defined(__AVX__)
#define LANE 8
#define MANY 2
#define STRIP 6
#elif defined(__aarch64__)
#define LANE 4
#define MANY 4
#define STRIP 6
#else
#define LANE 4
#define MANY 2
#define STRIP 6
#endif
#define PANEL (MANY * LANE)

#if defined(__GNUC__)
#define INLINED static inline __attribute__((always_inline))
typedef float lanes __attribute__((vector_size(4 * LANE), aligned(4)));
#define LANES(at) (*(lanes *)(at))
#define PARTS MANY
#define APART LANE
#else
#define INLINED static inline
typedef float lanes;
#define LANES(at) (*(at))
#define PARTS PANEL
#define APART 1
#endif

/* c [R, PANEL] += a [R, deep] b [deep, PANEL], in registers: Goto & van de Geijn, "Anatomy of high-performance matrix
   multiplication", 2008, with one panel that stays in the nearest cache. What is new is summed up by itself: of thousands
   of numbers one after the other, in one sum, more digits would be lost. A number of a is down apart from the one of
   the next row, and along from the next of its row. */
#define PRODUCT(R)                                                                                                   \
    INLINED void product_##R(const float *a, int64_t down, int64_t along, const float *b, float *c, int64_t wide_c,  \
                             int64_t deep)                                                                           \
    {                                                                                                                \
        const lanes zeros = {0};                                                                                     \
        lanes sum[R][PARTS];                                                                                         \
        for (int r = 0; r < R; r++)                                                                                  \
            for (int p = 0; p < PARTS; p++)                                                                          \
                sum[r][p] = zeros;                                                                                   \
        for (int64_t k = 0; k < deep; k++)                                                                           \
            for (int r = 0; r < R; r++)                                                                              \
                for (int p = 0; p < PARTS; p++)                                                                      \
                    sum[r][p] += a[r * down + k * along] * LANES((float *)b + k * PANEL + p * APART);                \
        for (int r = 0; r < R; r++)                                                                                  \
            for (int p = 0; p < PARTS; p++)                                                                          \
                LANES(c + r * wide_c + p * APART) += sum[r][p];                                                      \
    }
PRODUCT(1)
PRODUCT(2)
PRODUCT(3)
PRODUCT(4)
PRODUCT(5)
PRODUCT(6)
#if STRIP == 8
PRODUCT(7)
PRODUCT(8)
#define BY_COUNT(count, ...)                                                                                         \
    switch (count) {                                                                                                 \
    case 8: product_8(__VA_ARGS__); break;                                                                           \
    case 7: product_7(__VA_ARGS__); break;                                                                           \
    BY_FEW(__VA_ARGS__)                                                                                              \
    }
#else
#define BY_COUNT(count, ...)                                                                                         \
    switch (count) {                                                                                                 \
    BY_FEW(__VA_ARGS__)                                                                                              \
    }
#endif
#define BY_FEW(...)                                                                                                  \
    case 6: product_6(__VA_ARGS__); break;                                                                           \
    case 5: product_5(__VA_ARGS__); break;                                                                           \
    case 4: product_4(__VA_ARGS__); break;                                                                           \
    case 3: product_3(__VA_ARGS__); break;                                                                           \
    case 2: product_2(__VA_ARGS__); break;                                                                           \
    default: product_1(__VA_ARGS__);

/* c [n, PANEL] += a [n, deep] b [deep, PANEL], a strip of rows at a time; what is a little more than a strip in halves,
   since one or two rows alone do not keep the core busy. */
INLINED void panel_product(const float *a, int64_t wide_a, const float *b, float *c, int64_t wide_c, int64_t n,
                           int64_t deep)
{
    while (n > 0) {
        const int64_t count = n >= 2 * STRIP ? STRIP : n > STRIP ? (n + 1) / 2 : n;
        BY_COUNT(count, a, wide_a, 1, b, c, wide_c, deep)
        a += count * wide_a;
        c += count * wide_c;
        n -= count;
    }
}

/* c [n, m] += a [n, depth] b [depth, m], where b stands in panels, the last one filled up with zeros. */
INLINED void add_block(const float *a, int64_t wide_a, const float *b, float *c, int64_t wide_c, int64_t n, int64_t m,
                       int64_t depth)
{
    for (int64_t j = 0; j < m; j += PANEL) {
        const float *panel = b + j * depth;
        const int64_t count = m - j < PANEL ? m - j : PANEL;
        for (int64_t k = 0; k < depth; k += DEEP) {
            const int64_t deep = depth - k < DEEP ? depth - k : DEEP;
            if (count == PANEL) {
                panel_product(a + k, wide_a, panel + k * PANEL, c + j, wide_c, n, deep);
                continue;
            }
            for (int64_t r = 0; r < n; r += STRIP) {
                const int64_t some = n - r < STRIP ? n - r : STRIP;
                float sum[STRIP * PANEL] = {0};
                for (int64_t q = 0; q < some; q++)
                    memcpy(sum + q * PANEL, c + (r + q) * wide_c + j, (size_t)count * 4);
                panel_product(a + r * wide_a + k, wide_a, panel + k * PANEL, sum, PANEL, some, deep);
                for (int64_t q = 0; q < some; q++)
                    memcpy(c + (r + q) * wide_c + j, sum + q * PANEL, (size_t)count * 4);
            }
        }
    }
}

/* The same for any number of rows: so many at a time that they stay in a near cache for all panels. */
static void add_product(const float *a, int64_t wide_a, const float *b, float *c, int64_t wide_c, int64_t n,
                             int64_t m, int64_t depth)
{
    const int64_t blocks = n > ROWS ? (n + ROWS - 1) / ROWS : 1;
    const int64_t size = ((n + blocks - 1) / blocks + STRIP - 1) / STRIP * STRIP;
    for (int64_t r = 0; r < n; r += size)
        add_block(a + r * wide_a, wide_a, b, c + r * wide_c, wide_c, n - r < size ? n - r : size, m, depth);
}

/* A row i, f, g, o of pre-activations becomes i, f, u, o; before q[t-1] [H] -> memory q, s, h [H]. */
INLINED void gate_row(float *restrict a, const float *restrict before, const float *restrict peep,
                      float *restrict memory, float *restrict s, float *restrict h, int64_t hidden, float own,
                      float last)
{
    for (int64_t start = 0; start < hidden; start += BLOCK) {
        const int64_t count = hidden - start < BLOCK ? hidden - start : BLOCK;
        float i[BLOCK], f[BLOCK], u[BLOCK], o[BLOCK];
        const float *q0 = before + start, *p = peep + start;
        float *q = memory + start, *half = s + start, *out = h + start;
        for (int64_t k = 0; k < count; k++)
            i[k] = sigmoid(a[start + k] - 0.5f * p[k] * q0[k]);
        for (int64_t k = 0; k < count; k++)
            f[k] = sigmoid(a[hidden + start + k] - 0.5f * p[hidden + k] * q0[k]);
        for (int64_t k = 0; k < count; k++)
            u[k] = sigmoid(2.0f * a[2 * hidden + start + k]) - 0.5f;
        for (int64_t k = 0; k < count; k++) {
            q[k] = f[k] * q0[k] - 4.0f * i[k] * u[k];
            o[k] = sigmoid(a[3 * hidden + start + k] - 0.5f * p[2 * hidden + k] * (own * q[k] + last * q0[k]));
        }
        for (int64_t k = 0; k < count; k++) {
            half[k] = sigmoid(q[k]);
            out[k] = o[k] - 2.0f * o[k] * half[k];
        }
        memcpy(a + start, i, (size_t)count * 4);
        memcpy(a + hidden + start, f, (size_t)count * 4);
        memcpy(a + 2 * hidden + start, u, (size_t)count * 4);
        memcpy(a + 3 * hidden + start, o, (size_t)count * 4);
    }
}

INLINED void zero(float *values, int64_t count)
{
    memset(values, 0, (size_t)count * 4);
}

/* How many of the rows from first on, count at most, run at step t. */
INLINED int64_t running(const struct layer *l, int64_t t, int64_t first, int64_t count)
{
    const int64_t n = l->active ? l->active[t] - first : count;
    return n < 0 ? 0 : n > count ? count : n;
}

/* All steps of count rows from first on. Padding becomes zero: it shows as zero, and adds nothing to the gradients of
   the weights. */
SHOWN void forward(const struct layer *l, int64_t first, int64_t count)
{
    const int64_t hidden = l->hidden, wide = 4 * hidden, apart = l->rows * hidden;
    const float own = l->current ? 1.0f : 0.0f, last = l->current ? 0.0f : 1.0f;
    for (int64_t k = first * hidden; k < (first + count) * hidden; k++) {
        l->states[k] = l->h0[k];
        l->memories[k] = -2.0f * l->c0[k];
    }
    if (count == 1) { /* its steps are the rows of one product */
        float *gate = l->gates + first * wide;
        const int64_t n = l->active ? running(l, 0, first, 1) * l->steps : l->steps;
        for (int64_t t = 0; t < n; t++)
            memcpy(gate + 4 * t * apart, l->bias, (size_t)wide * 4);
        add_product(l->x + first * l->x_row, l->x_step, l->weights_x, gate, 4 * apart, n, wide, l->inputs);
    }
    for (int64_t t = 0; t < l->steps; t++) {
        const int64_t n = running(l, t, first, count), at = t * apart + first * hidden, padding = (count - n) * hidden;
        float *gate = l->gates + 4 * at, *state = l->states + at, *memory = l->memories + at, *s = l->squashed + at;
        if (count > 1) {
            for (int64_t row = 0; row < n; row++)
                memcpy(gate + row * wide, l->bias, (size_t)wide * 4);
            add_product(l->x + t * l->x_step + first * l->x_row, l->x_row, l->weights_x, gate, wide, n, wide, l->inputs);
        }
        add_product(state, hidden, l->weights_h, gate, wide, n, wide, hidden);
        for (int64_t row = 0; row < n; row++)
            gate_row(gate + row * wide, memory + row * hidden, l->peepholes, memory + apart + row * hidden,
                     s + row * hidden, state + apart + row * hidden, hidden, own, last);
        zero(gate + n * wide, 4 * padding);
        zero(state + apart + n * hidden, padding);
        zero(memory + apart + n * hidden, padding);
        zero(s + n * hidden, padding);
        /* rows that go no further */
        for (int64_t row = t + 1 < l->steps ? running(l, t + 1, first, count) : 0; row < n; row++)
            for (int64_t k = 0, to = (first + row) * hidden; k < hidden; k++) {
                l->h_n[to + k] = state[apart + row * hidden + k];
                l->c_n[to + k] = -0.5f * memory[apart + row * hidden + k];
            }
    }
}

/* dh [n, H] and what forward left of a step -> da [n, 4H]; dq [n, H] becomes that of the step before; sums [7, H] gains
   the gradients of the four biases and the three peepholes. */
INLINED void gates_back(const float *restrict dh, float *restrict dq, const float *restrict gate,
                        const float *restrict s, const float *restrict before, const float *restrict after,
                        const float *restrict peep, float *restrict da, double *restrict sums, int64_t rows,
                        int64_t hidden, float own, float last)
{
    for (int64_t start = 0; start < hidden; start += BLOCK) {
        const int64_t count = hidden - start < BLOCK ? hidden - start : BLOCK;
        float total[7][BLOCK];
        memset(total, 0, sizeof total);
        const float *p = peep + start;
        for (int64_t row = 0; row < rows; row++) {
            const float *g = gate + row * 4 * hidden + start;
            const int64_t flat = row * hidden + start;
            float *out = da + row * 4 * hidden + start;
            for (int64_t k = 0; k < count; k++) {
                const float i = g[k], f = g[hidden + k], u = g[2 * hidden + k], o = g[3 * hidden + k];
                const float half = s[flat + k], q0 = before[flat + k], d = dh[flat + k];
                const float p_i = -0.5f * p[k], p_f = -0.5f * p[hidden + k], p_o = -0.5f * p[2 * hidden + k];
                const float d_o = d * (o - o * o) * (1.0f - 2.0f * half);
                const float d_q = dq[flat + k] - 2.0f * d * o * (half - half * half) + own * d_o * p_o;
                const float d_i = d_q * -4.0f * u * (i - i * i);
                const float d_f = d_q * q0 * (f - f * f);
                const float d_g = d_q * -2.0f * i * (1.0f - 4.0f * u * u);
                dq[flat + k] = d_q * f + d_i * p_i + d_f * p_f + last * d_o * p_o;
                out[k] = d_i;
                out[hidden + k] = d_f;
                out[2 * hidden + k] = d_g;
                out[3 * hidden + k] = d_o;
                total[0][k] += d_i;
                total[1][k] += d_f;
                total[2][k] += d_g;
                total[3][k] += d_o;
                total[4][k] += d_i * q0;
                total[5][k] += d_f * q0;
                total[6][k] += d_o * (own * after[flat + k] + last * q0);
            }
        }
        for (int64_t which = 0; which < 7; which++)
            for (int64_t k = 0; k < count; k++)
                sums[which * hidden + start + k] += which < 4 ? total[which][k] : -0.5 * total[which][k];
    }
}

/* Rows whose part of the gradient of the weights is still to be added. */
struct block {
    int64_t deep;
    const float *da[DEEP];
    float *strips; /* x and h of each, [I, DEEP] and [H, DEEP] in strips of columns, which stand side by side */
};

/* values [width] of row k into its strips. */
INLINED void lay_out(const float *restrict values, float *restrict strips, int64_t width, int64_t k)
{
    int64_t j = 0;
    for (; j + STRIP <= width; j += STRIP)
        for (int64_t q = 0; q < STRIP; q++)
            strips[j * DEEP + k * STRIP + q] = values[j + q];
    for (int64_t q = 0, rest = width - j; q < rest; q++)
        strips[j * DEEP + k * rest + q] = values[j + q];
}

/* c [width, PANEL] += the transpose of [deep, width] in strips, times b [deep, PANEL]. */
INLINED void strip_product(const float *a, const float *b, float *c, int64_t wide_c, int64_t width, int64_t deep)
{
    for (int64_t j = 0; j < width; j += STRIP, a += STRIP * DEEP, c += STRIP * wide_c) {
        const int64_t count = width - j < STRIP ? width - j : STRIP;
        BY_COUNT(count, a, 1, count, b, c, wide_c, deep)
    }
}

/* Adds what the block's rows say of the weights to total [I + H, 4H filled up to whole panels], and empties it. */
static void add_gradients(const struct layer *l, struct block *block, float *total)
{
    const int64_t wide = 4 * l->hidden, whole = (wide + PANEL - 1) / PANEL * PANEL;
    float panel[DEEP * PANEL];
    for (int64_t j = 0; j < wide; j += PANEL) {
        if (j + PANEL > wide)
            memset(panel, 0, sizeof panel);
        for (int64_t k = 0; k < block->deep; k++)
            if (j + PANEL <= wide)
                memcpy(panel + k * PANEL, block->da[k] + j, PANEL * 4);
            else
                memcpy(panel + k * PANEL, block->da[k] + j, (size_t)(wide - j) * 4);
        strip_product(block->strips, panel, total + j, whole, l->inputs, block->deep);
        strip_product(block->strips + l->inputs * DEEP, panel, total + l->inputs * whole + j, whole, l->hidden,
                      block->deep);
    }
    block->deep = 0;
}

/* Steps whose da are kept until a block is full. */
INLINED int64_t slots_of(int64_t count)
{
    return DEEP / (count ? count : 1) + 2;
}

/* How many numbers of room backward wants for so many rows. */
SHOWN int64_t room_of(int64_t inputs, int64_t hidden, int64_t count)
{
    return (inputs + hidden) * DEEP + (2 + 4 * slots_of(count)) * count * hidden;
}

/* Back through all steps of count rows from first on. total [I + H, 4H filled up to whole panels] becomes the gradients of
   the weights, turned, unless it is null; sums [7, H] gain those of the four biases and the three peepholes. */
SHOWN void backward(const struct layer *l, int64_t first, int64_t count, float *total, double *sums, float *room)
{
    const int64_t hidden = l->hidden, inputs = l->inputs, wide = 4 * hidden, apart = l->rows * hidden;
    const int64_t slots = slots_of(count);
    const float own = l->current ? 1.0f : 0.0f, last = l->current ? 0.0f : 1.0f;
    float *dh = room + (inputs + hidden) * DEEP, *dq = dh + count * hidden, *ring = dq + count * hidden;
    const float *later = 0; /* da of the step after, of its few rows */
    int64_t few = 0, slot = 0;
    struct block block = {.deep = 0, .strips = room};
    if (total)
        zero(total, (inputs + hidden) * ((wide + PANEL - 1) / PANEL * PANEL));
    for (int64_t t = l->steps - 1; t >= 0; t--) {
        const int64_t n = running(l, t, first, count), at = t * apart + first * hidden;
        if (slot == slots) {
            if (total)
                add_gradients(l, &block, total);
            slot = 0;
        }
        float *da = ring + slot++ * count * wide;
        if (l->dh)
            for (int64_t row = 0; row < n; row++)
                memcpy(dh + row * hidden, l->dh + t * l->dh_step + (first + row) * l->dh_row, (size_t)hidden * 4);
        else
            zero(dh, n * hidden);
        for (int64_t row = few, from = (first + few) * hidden; row < n; row++) /* rows whose last step this is */
            for (int64_t k = row * hidden; k < (row + 1) * hidden; k++, from++) {
                dh[k] += l->dh_n ? l->dh_n[from] : 0.0f;
                dq[k] = l->dc_n ? -0.5f * l->dc_n[from] : 0.0f; /* c = -q / 2 */
            }
        add_product(later, wide, l->weights_h, dh, hidden, few, hidden, wide);
        gates_back(dh, dq, l->gates + 4 * at, l->squashed + at, l->memories + at, l->memories + apart + at,
                   l->peepholes, da, sums, n, hidden, own, last);
        if (l->dx) {
            float *dx = l->dx + (t * l->rows + first) * inputs;
            zero(dx, count * inputs);
            add_product(da, wide, l->weights_x, dx, inputs, n, inputs, wide);
        }
        if (total)
            for (int64_t row = 0; row < n; row++) {
                const int64_t k = block.deep++;
                block.da[k] = da + row * wide;
                lay_out(l->x + t * l->x_step + (first + row) * l->x_row, room, inputs, k);
                lay_out(l->states + at + row * hidden, room + inputs * DEEP, hidden, k);
                if (block.deep == DEEP)
                    add_gradients(l, &block, total);
            }
        later = da;
        few = n;
    }
    if (total)
        add_gradients(l, &block, total);
    for (int64_t k = 0; l->dc0 && k < count * hidden; k++)
        l->dc0[first * hidden + k] = k < few * hidden ? -2.0f * dq[k] : 0.0f;
    if (l->dh0) {
        float *dh0 = l->dh0 + first * hidden;
        zero(dh0, count * hidden);
        add_product(later, wide, l->weights_h, dh0, hidden, few, hidden, wide);
    }
}

#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define SHUFFLES
typedef float four __attribute__((vector_size(16), aligned(4)));
#define FOUR(at) (*(four *)(at))
#endif
#endif

/* to [columns, rows] becomes the transpose of from [rows, columns]. */
INLINED void transpose(const float *from, int64_t wide_from, float *to, int64_t wide_to, int64_t rows, int64_t columns)
{
    int64_t r = 0;
#if defined(SHUFFLES)
    for (; r + 4 <= rows; r += 4) {
        float *f = (float *)from + r * wide_from, *t = to + r;
        int64_t k = 0;
        for (; k + 4 <= columns; k += 4, f += 4, t += 4 * wide_to) {
            const four a = FOUR(f), b = FOUR(f + wide_from), c = FOUR(f + 2 * wide_from), d = FOUR(f + 3 * wide_from);
            const four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
            const four AB = __builtin_shufflevector(a, b, 2, 6, 3, 7), CD = __builtin_shufflevector(c, d, 2, 6, 3, 7);
            FOUR(t) = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
            FOUR(t + wide_to) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
            FOUR(t + 2 * wide_to) = __builtin_shufflevector(AB, CD, 0, 1, 4, 5);
            FOUR(t + 3 * wide_to) = __builtin_shufflevector(AB, CD, 2, 3, 6, 7);
        }
        for (; k < columns; k++, f++, t += wide_to)
            for (int64_t q = 0; q < 4; q++)
                t[q] = f[q * wide_from];
    }
#endif
    for (; r < rows; r++)
        for (int64_t k = 0; k < columns; k++)
            to[k * wide_to + r] = from[r * wide_from + k];
}

/* The gradient of weights [4H, n], from n rows of what backward has added up. A panel at a time, so that what is
   written stays near. */
SHOWN void turn(const float *total, float *gradient, int64_t hidden, int64_t n)
{
    const int64_t wide = 4 * hidden, whole = (wide + PANEL - 1) / PANEL * PANEL;
    for (int64_t j = 0; j < wide; j += PANEL)
        transpose(total + j, whole, gradient + j * n, n, n, wide - j < PANEL ? wide - j : PANEL);
}

/* weights [4H, n] in panels for forward (back 0: columns are the gates' units) or backward (back 1: columns are what the
   gates see); the last panel is filled up with zeros. */
SHOWN void pack(const float *weights, float *packed, int64_t hidden, int64_t n, int64_t back)
{
    const int64_t m = back ? n : 4 * hidden, depth = back ? 4 * hidden : n;
    for (int64_t j = 0; j < m; j += PANEL) {
        const int64_t count = m - j < PANEL ? m - j : PANEL;
        float *panel = packed + j * depth;
        if (count < PANEL)
            zero(panel, depth * PANEL);
        if (back)
            for (int64_t k = 0; k < depth; k++)
                memcpy(panel + k * PANEL, weights + k * m + j, (size_t)count * 4);
        else
            transpose(weights + j * depth, depth, panel, PANEL, count, depth);
    }
}

SHOWN int64_t panel_of(void)
{
    return PANEL;
}

SHOWN int64_t steps_version(void)
{
    return 4;
}
