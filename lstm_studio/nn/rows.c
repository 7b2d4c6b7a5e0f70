/* A table of vectors of which a batch uses few: its gradient row by row, and a step of Adam. rows.py says what is
   computed. Loops are written to be vectorised. */

#include "kernel.h"

#include <math.h>

/* Sums the rows [n, width] of equal number: sums gains a row for each number that occurs,
   touched that number, in the order in which they come first. slots [rows of the table] is -1 everywhere, before and
   afterwards. How many there are. */
SHOWN int64_t gather(const int64_t *numbers, const float *values, int64_t n, int64_t width, int32_t *slots,
                          int64_t *touched, float *sums)
{
    int64_t used = 0;
    for (int64_t k = 0; k < n; k++) {
        const int64_t number = numbers[k];
        const float *value = values + k * width;
        float *sum = sums + (slots[number] < 0 ? used : slots[number]) * width;
        if (slots[number] < 0) {
            slots[number] = (int32_t)used;
            touched[used++] = number;
            memcpy(sum, value, (size_t)width * 4);
            continue;
        }
        for (int64_t p = 0; p < width; p++)
            sum[p] += value[p];
    }
    for (int64_t k = 0; k < used; k++)
        slots[touched[k]] = -1;
    return used;
}

/* A step of Adam on the table [rows, width], whose gradient is zero but for the sums of the touched rows. mean and
   square are its running moments; rate has the correction of the mean's bias in it, root is the square root of that of
   the square. shrink multiplies the weights first (AdamW), decay times the weights is added to the gradient (Adam). */
SHOWN void adam(float *restrict weights, float *restrict mean, float *restrict square, const int64_t *touched,
                     const float *restrict sums, int64_t used, int32_t *slots, int64_t rows, int64_t width, float rate,
                     float keep_mean, float keep_square, float epsilon, float root, float shrink, float decay)
{
    const float take_mean = 1.0f - keep_mean, take_square = 1.0f - keep_square, over = 1.0f / root;
    for (int64_t k = 0; k < used; k++)
        slots[touched[k]] = (int32_t)k;
    for (int64_t row = 0; row < rows; row++) {
        float *restrict w = weights + row * width, *restrict m = mean + row * width, *restrict v = square + row * width;
        const float *restrict sum = sums + (slots[row] < 0 ? 0 : slots[row]) * width;
        const float there = slots[row] < 0 ? 0.0f : 1.0f;
        for (int64_t p = 0; p < width; p++) {
            const float before = w[p] * shrink, g = there * sum[p] + decay * before;
            m[p] = keep_mean * m[p] + take_mean * g;
            v[p] = keep_square * v[p] + take_square * g * g;
            w[p] = before - rate * m[p] / (sqrtf(v[p]) * over + epsilon);
        }
    }
    for (int64_t k = 0; k < used; k++)
        slots[touched[k]] = -1;
}
