/* chunks.c - who works on which rows: the only file that knows of threads. METHOD.md (26). */
#include "chunks.h"

#ifdef _OPENMP
#include <omp.h>

/* Takes as many as wanted, but no more than there are chunks for, and processors: OpenMP ends the process
 * where it cannot have a thread. */
static int useful_threads(size_t wanted, size_t chunks) {
  size_t most = (size_t)omp_get_num_procs();
  if (chunks < most) most = chunks;
  return (int)(wanted < most ? wanted : most);
}
#endif

void chunks_set_threads(lbfgsb_solver *s, size_t threads) { s->chunks.threads = threads > 0 ? threads : 1; }

void each_chunk(lbfgsb_solver *s, chunk_task *task, const void *argument) {
  size_t chunks = chunk_count(s);
#ifdef _OPENMP
  int threads = s->chunks.threads > 1 ? useful_threads(s->chunks.threads, chunks) : 1;
  if (threads > 1) {
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t chunk = 0; chunk < chunks; chunk++) task(s, chunk, argument);
    return;
  }
#endif
  for (size_t chunk = 0; chunk < chunks; chunk++) task(s, chunk, argument);
}
