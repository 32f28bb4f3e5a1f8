/* chunks.h - private: blocks of rows, and chunks of blocks. */
#ifndef LBFGSB_CHUNKS_H
#define LBFGSB_CHUNKS_H

#include "solver.h"

/* Rows that one thread takes at a time, at least (a whole number of blocks). */
enum { CHUNK_ROWS = 64 * BLOCK_ROWS };

/* chunk_rows = rows of a chunk: in proportion to m where that is large, so that the chunks' Gram matrices
 * stay small beside the pairs. */
static inline size_t chunk_rows(const lbfgsb_solver *s) { return CHUNK_ROWS * (1 + s->layout.capacity / 24); }
static inline size_t chunk_count(const lbfgsb_solver *s) {
  if (s->layout.n <= CHUNK_ROWS) return 1;
  return (s->layout.n + chunk_rows(s) - 1) / chunk_rows(s);
}

/* chunk_begin = the chunk's first row, or n for the one after the last. */
static inline size_t chunk_begin(const lbfgsb_solver *s, size_t chunk) {
  size_t first = chunk * chunk_rows(s);
  return first < s->layout.n ? first : s->layout.n;
}

/* own_rows, block_rows = rows of the block that begins at row `first`, and padded. */
static inline size_t own_rows(const lbfgsb_solver *s, size_t first) {
  size_t rows = s->layout.n - first;
  return rows < BLOCK_ROWS ? rows : BLOCK_ROWS;
}
static inline size_t block_rows(const lbfgsb_solver *s, size_t first) { return pad_rows(own_rows(s, first)); }

/* True if the next block is to be fetched while the one that begins at row `first` is at work: if there is
 * one, of full length, and the pairs are too many for the caches next to the processor. */
#define FETCH_ABOVE ((size_t)1 << 20) /* doubles */
static inline bool fetches_ahead(const lbfgsb_solver *s, size_t first) {
  return 2 * s->layout.capacity * s->layout.n > FETCH_ABOVE && first + 2 * BLOCK_ROWS <= s->layout.n;
}

/* True if vectors that a pass writes would leave the caches before they are read again. */
#define STREAM_ABOVE ((size_t)1 << 22) /* doubles */
static inline bool streams(const lbfgsb_solver *s) {
  return 2 * s->layout.capacity * s->layout.n > STREAM_ABOVE;
}

/* Sets how many threads there may be. */
void chunks_set_threads(lbfgsb_solver *s, size_t threads);

/* Calls task(s, chunk, argument) for each chunk, by as many threads as there may be. What the chunks sum up
 * is added in their order, so that no sum depends on the number of threads. */
typedef void chunk_task(lbfgsb_solver *s, size_t chunk, const void *argument);
void each_chunk(lbfgsb_solver *s, chunk_task *task, const void *argument);

#endif
