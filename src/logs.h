/* logs.h - private: mean and spread of logarithms, by which sizes and slopes are compared in any units. */
#ifndef LBFGSB_LOGS_H
#define LBFGSB_LOGS_H

#include <math.h>
#include <stdbool.h>

/* More numbers than some of one kind have at most that spread; normal ones have 1.6. */
enum { LOGS_SOME = 16 };
#define LOGS_CHANCE 2.2

/* Of logarithms to base 2; the mean of none is NaN. */
typedef struct {
  double sum, squares, count, greatest;
} logs;

#define NO_LOGS ((logs){0, 0, 0, -INFINITY})

static inline void logs_add(logs *m, double log) {
  m->sum += log;
  m->squares += log * log;
  m->count++;
  m->greatest = fmax(m->greatest, log);
}

static inline double logs_mean(logs m) { return m.sum / m.count; }

static inline double logs_spread(logs m) {
  return sqrt(fmax(m.squares / m.count - logs_mean(m) * logs_mean(m), 0));
}

static inline logs logs_both(logs a, logs b) {
  return (logs){a.sum + b.sum, a.squares + b.squares, a.count + b.count, fmax(a.greatest, b.greatest)};
}

/* True of so many that they differ by no more than chance. */
static inline bool logs_are_alike(logs m) { return m.count > LOGS_SOME && logs_spread(m) <= LOGS_CHANCE; }

#endif
