/* noise.h - private: the level of noise in f, from a table of differences; an object of its own. */
#ifndef LBFGSB_NOISE_H
#define LBFGSB_NOISE_H

#include <stdbool.h>
#include <stddef.h>

enum { NOISE_VALUES = 8 }; /* in a table */

/* f at x + k v, k = 0, 1, ... */
typedef struct {
  size_t known, attempt;
  double scale;        /* of v, relative to the variables' sizes */
  double wanted;       /* that by which f is to change along v; 0 for any */
  double level;        /* found: the standard deviation of f; 0 if none was. It may fall yet before the end */
  double doubted;      /* a level that the finest steps must show, too; 0 for none */
  double least, slope; /* of the table before: its least level, infinite if it tells none; its mean slope; */
  double before;       /* and the level found there, 0 for none or rounding */
  double jump;         /* the least of f between neighbours, since half of them were equal; 0 before */
  double values[NOISE_VALUES];
} noise_table;

/* Begins with f = f(x), and a v of this scale, along which f is to change by about what is wanted, if not 0.
 */
void noise_begin(noise_table *table, double f, double scale, double wanted);

/* The same, by steps at which noise is not smooth, to tell whether f has one of this level. */
void noise_doubt(noise_table *table, double f, double level);

/* noise_point = the coordinate of variable i, between its bounds, at the point where f is asked for. */
double noise_point(const noise_table *table, size_t i, double x, double size, double lower, double upper);

/* Takes f there, not finite where it is not defined. True if that ends it. */
bool noise_take(noise_table *table, double value);

/* True if the table can go on. */
bool noise_valid(const noise_table *table);

#endif
