/* The element-wise part of a step of the peephole LSTM on a processor, forward and back: peephole_cpu.py says what is
   computed. Plain C without any library, so that one file serves every system; the loops are written to be vectorised.
   All arrays are rows of float; gates stand in the order o, i, f, u. */

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

/* gate [n, 4H], pre-activations that become o, i, f, u, and before [n, H], q[t-1] -> memory q, s, h [n, H]. */
SHOWN WIDE void step(float *restrict gate, const float *restrict before, const float *restrict peep,
                     float *restrict memory, float *restrict s, float *restrict h, int64_t rows, int64_t hidden,
                     int64_t current)
{
    const float own = current ? 1.0f : 0.0f, last = current ? 0.0f : 1.0f;
    for (int64_t row = 0; row < rows; row++) {
        float *a = gate + row * 4 * hidden;
        for (int64_t start = 0; start < hidden; start += BLOCK) {
            const int64_t count = hidden - start < BLOCK ? hidden - start : BLOCK;
            float o[BLOCK], i[BLOCK], f[BLOCK], u[BLOCK];
            const float *q0 = before + row * hidden + start, *p = peep + start;
            float *q = memory + row * hidden + start, *half = s + row * hidden + start, *out = h + row * hidden + start;
            for (int64_t k = 0; k < count; k++)
                i[k] = sigmoid(a[hidden + start + k] + p[hidden + k] * q0[k]);
            for (int64_t k = 0; k < count; k++)
                f[k] = sigmoid(a[2 * hidden + start + k] + p[2 * hidden + k] * q0[k]);
            for (int64_t k = 0; k < count; k++)
                u[k] = sigmoid(a[3 * hidden + start + k]) - 0.5f;
            for (int64_t k = 0; k < count; k++) {
                q[k] = f[k] * q0[k] - 4.0f * i[k] * u[k];
                o[k] = sigmoid(a[start + k] + p[k] * (own * q[k] + last * q0[k]));
            }
            for (int64_t k = 0; k < count; k++) {
                half[k] = sigmoid(q[k]);
                out[k] = o[k] - 2.0f * o[k] * half[k];
            }
            memcpy(a + start, o, (size_t)count * 4);
            memcpy(a + hidden + start, i, (size_t)count * 4);
            memcpy(a + 2 * hidden + start, f, (size_t)count * 4);
            memcpy(a + 3 * hidden + start, u, (size_t)count * 4);
        }
    }
}

/* dh [n, H] and what ``step`` left -> da [n, 4H]; dq [n, H] becomes that of the step before; sums [7, H] gains the
   gradients of the four biases and the three peepholes. */
SHOWN WIDE void step_back(const float *restrict dh, float *restrict dq, const float *restrict gate,
                          const float *restrict s, const float *restrict before, const float *restrict after,
                          const float *restrict peep, float *restrict da, double *restrict sums, int64_t rows,
                          int64_t hidden, int64_t current)
{
    const float own = current ? 1.0f : 0.0f, last = current ? 0.0f : 1.0f;
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
                const float o = g[k], i = g[hidden + k], f = g[2 * hidden + k], u = g[3 * hidden + k];
                const float half = s[flat + k], q0 = before[flat + k], d = dh[flat + k];
                const float d_o = d * (o - o * o) * (1.0f - 2.0f * half);
                const float d_q = dq[flat + k] - 2.0f * d * o * (half - half * half) + own * d_o * p[k];
                const float d_i = d_q * -4.0f * u * (i - i * i);
                const float d_f = d_q * q0 * (f - f * f);
                const float d_g = d_q * -2.0f * i * (1.0f - 4.0f * u * u);
                dq[flat + k] = d_q * f + d_i * p[hidden + k] + d_f * p[2 * hidden + k] + last * d_o * p[k];
                out[k] = d_o;
                out[hidden + k] = d_i;
                out[2 * hidden + k] = d_f;
                out[3 * hidden + k] = d_g;
                total[0][k] += d_o;
                total[1][k] += d_i;
                total[2][k] += d_f;
                total[3][k] += d_g;
                total[4][k] += d_o * (own * after[flat + k] + last * q0);
                total[5][k] += d_i * q0;
                total[6][k] += d_f * q0;
            }
        }
        for (int64_t which = 0; which < 7; which++)
            for (int64_t k = 0; k < count; k++)
                sums[which * hidden + start + k] += total[which][k];
    }
}

SHOWN int64_t steps_version(void)
{
    return 1;
}
