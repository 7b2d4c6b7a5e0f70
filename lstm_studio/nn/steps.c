/* The steps of the peephole LSTM on a processor, forward and back: peephole_cpu.py says what is computed. Plain C
   without any library, so that one file serves every system; the loops are written to be vectorised. All arrays are
   rows of float; gates stand in the order i, f, u, o, weights in the order i, f, g, o. */

#include <stdint.h>
#include <string.h>

#if defined(_WIN32)
#define SHOWN __declspec(dllexport)
#else
#define SHOWN __attribute__((visibility("default")))
#endif

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__linux__) && !defined(NO_CLONES)
#define WIDE __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define WIDE
#endif

#define BLOCK 64
#define PANEL 16
#define DEEP 256

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

#if defined(__GNUC__)
#define INLINED static inline __attribute__((always_inline))
typedef float lanes __attribute__((vector_size(32), aligned(4)));
#define LANES(at) (*(lanes *)(at))
#define MANY 2
#define LANE 8
#else
#define INLINED static inline
typedef float lanes;
#define LANES(at) (*(at))
#define MANY 16
#define LANE 1
#endif

/* c [R, 16] += a [R, deep] b [deep, 16], in registers: Goto & van de Geijn, "Anatomy of high-performance matrix
   multiplication", 2008, with one panel that stays in the nearest cache. */
#define PRODUCT(R)                                                                                                   \
    INLINED void product_##R(const float *a, int64_t wide_a, const float *b, float *c, int64_t wide_c, int64_t deep) \
    {                                                                                                                \
        lanes sum[R][MANY];                                                                                          \
        for (int r = 0; r < R; r++)                                                                                  \
            for (int p = 0; p < MANY; p++)                                                                           \
                sum[r][p] = LANES(c + r * wide_c + p * LANE);                                                        \
        for (int64_t k = 0; k < deep; k++)                                                                           \
            for (int r = 0; r < R; r++)                                                                              \
                for (int p = 0; p < MANY; p++)                                                                       \
                    sum[r][p] += a[r * wide_a + k] * LANES((float *)b + k * PANEL + p * LANE);                       \
        for (int r = 0; r < R; r++)                                                                                  \
            for (int p = 0; p < MANY; p++)                                                                           \
                LANES(c + r * wide_c + p * LANE) = sum[r][p];                                                        \
    }
PRODUCT(1)
PRODUCT(2)
PRODUCT(4)
PRODUCT(6)

/* c [n, 16] += a [n, deep] b [deep, 16]. */
INLINED void panel_product(const float *a, int64_t wide_a, const float *b, float *c, int64_t wide_c, int64_t n,
                           int64_t deep)
{
    int64_t r = 0;
    for (; r + 6 <= n; r += 6)
        product_6(a + r * wide_a, wide_a, b, c + r * wide_c, wide_c, deep);
    for (; r + 4 <= n; r += 4)
        product_4(a + r * wide_a, wide_a, b, c + r * wide_c, wide_c, deep);
    for (; r + 2 <= n; r += 2)
        product_2(a + r * wide_a, wide_a, b, c + r * wide_c, wide_c, deep);
    for (; r < n; r++)
        product_1(a + r * wide_a, wide_a, b, c + r * wide_c, wide_c, deep);
}

/* c [n, m] += a [n, depth] b [depth, m], where b stands in panels of 16 columns, the last one filled up with zeros. */
INLINED void add_product(const float *a, const float *b, float *c, int64_t n, int64_t m, int64_t depth)
{
    for (int64_t j = 0; j < m; j += PANEL) {
        const float *panel = b + j * depth;
        const int64_t count = m - j < PANEL ? m - j : PANEL;
        for (int64_t k = 0; k < depth; k += DEEP) {
            const int64_t deep = depth - k < DEEP ? depth - k : DEEP;
            if (count == PANEL) {
                panel_product(a + k, depth, panel + k * PANEL, c + j, m, n, deep);
                continue;
            }
            for (int64_t r = 0; r < n; r++) {
                float sum[PANEL] = {0};
                memcpy(sum, c + r * m + j, (size_t)count * 4);
                product_1(a + r * depth + k, depth, panel + k * PANEL, sum, PANEL, deep);
                memcpy(c + r * m + j, sum, (size_t)count * 4);
            }
        }
    }
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

/* Steps of n rows. gate [steps, n, 4H], what comes from the inputs, becomes i, f, u, o; state and memory [steps + 1, n,
   H] hold h and q before the first step and gain those of each; s [steps, n, H]. From step to step gate moves on by
   4 apart, the others by apart; packed: the recurrent weights as pack makes them; peep [3, H] for i, f, o. Padding, so
   many rows below these, becomes zero: it shows as zero, and adds nothing to the gradients of the weights. */
SHOWN WIDE void sweep(float *gate, float *state, float *memory, float *s, const float *packed, const float *peep,
                      int64_t steps, int64_t n, int64_t hidden, int64_t apart, int64_t current, int64_t padding)
{
    const float own = current ? 1.0f : 0.0f, last = current ? 0.0f : 1.0f;
    for (int64_t t = 0; t < steps; t++) {
        add_product(state, packed, gate, n, 4 * hidden, hidden);
        for (int64_t row = 0; row < n; row++) {
            const int64_t at = row * hidden;
            gate_row(gate + 4 * at, memory + at, peep, memory + apart + at, s + at, state + apart + at, hidden, own,
                     last);
        }
        if (padding) {
            const int64_t at = n * hidden;
            const size_t size = (size_t)(padding * hidden) * 4;
            memset(gate + 4 * at, 0, 4 * size);
            memset(state + apart + at, 0, size);
            memset(memory + apart + at, 0, size);
            memset(s + at, 0, size);
        }
        gate += 4 * apart;
        state += apart;
        memory += apart;
        s += apart;
    }
}

/* dh [n, H] and what sweep left of a step -> da [n, 4H]; dq [n, H] becomes that of the step before; sums [7, H] gains
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

/* Back through the steps of n rows; pointers as of sweep, to the first step. dh [steps, n, H] gains what comes back
   through the recurrence; later: da of the step after, of its first few rows; null where there is none; da is zero at
   padding. */
SHOWN WIDE void sweep_back(float *dh, float *dq, const float *gate, const float *memory, const float *s, float *da,
                           const float *later, int64_t few, const float *packed, const float *peep, double *sums,
                           int64_t steps, int64_t n, int64_t hidden, int64_t apart, int64_t current, int64_t padding)
{
    const float own = current ? 1.0f : 0.0f, last = current ? 0.0f : 1.0f;
    for (int64_t t = steps - 1; t >= 0; t--) {
        const int64_t at = t * apart;
        if (later)
            add_product(later, packed, dh + at, few, hidden, 4 * hidden);
        gates_back(dh + at, dq, gate + 4 * at, s + at, memory + at, memory + at + apart, peep, da + 4 * at, sums, n,
                   hidden, own, last);
        if (padding)
            memset(da + 4 * (at + n * hidden), 0, (size_t)(4 * padding * hidden) * 4);
        later = da + 4 * at;
        few = n;
    }
}

/* weights [4H, H] in panels of 16 columns for sweep (back 0: columns are the gates' units) or sweep_back (back 1:
   columns are what the gates see); the last panel is filled up with zeros. */
SHOWN void pack(const float *weights, float *packed, int64_t hidden, int64_t back)
{
    const int64_t m = back ? hidden : 4 * hidden, depth = back ? 4 * hidden : hidden;
    for (int64_t j = 0; j < m; j += PANEL) {
        const int64_t count = m - j < PANEL ? m - j : PANEL;
        float *panel = packed + j * depth;
        if (count < PANEL)
            memset(panel, 0, (size_t)(depth * PANEL) * 4);
        for (int64_t k = 0; k < depth; k++)
            for (int64_t p = 0; p < count; p++)
                panel[k * PANEL + p] = back ? weights[k * m + j + p] : weights[(j + p) * depth + k];
    }
}

SHOWN int64_t steps_version(void)
{
    return 2;
}
