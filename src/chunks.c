/* chunks.c - who works on which rows: the only file that knows of threads. */
#include "state.h"

void each_chunk(lbfgsb *s, chunk_task *task, const void *what) {
  size_t chunks = chunk_count(s->n, s->capacity);
#ifdef _OPENMP
  size_t threads = s->threads < chunks ? s->threads : chunks; /* far below INT_MAX */
  if (threads > 1) {
#pragma omp parallel for num_threads((int)threads) schedule(static)
    for (size_t chunk = 0; chunk < chunks; chunk++) task(s, chunk, what);
    return;
  }
#endif
  for (size_t chunk = 0; chunk < chunks; chunk++) task(s, chunk, what);
}
