/* minimize.c - a whole run in one call: the loop around the core, and the only file that calls the caller's
 * functions. Whatever is under way is in the caller's blocks, so that f may leave by longjmp. */
#include <math.h>
#include <string.h>

#include "caller.h"
#include "lbfgsb.h"

/* One run while it goes on. */
typedef struct {
  lbfgsb_solver *solver;
  const lbfgsb_problem *problem;
  double value; /* of f, last */
  size_t evaluations;
} minimization;

static double evaluate(minimization *m, const double *x, double *gradient) {
  m->evaluations++;
  return m->value = m->problem->f(m->problem->n, x, gradient, m->problem->data);
}

/* True unless the run has been stopped, or f may not be called again. */
static bool may_evaluate(const minimization *m) {
  if ((double)m->evaluations >= m->solver->options.max_evaluations)
    lbfgsb_stop(m->solver, LBFGSB_EVALUATION_LIMIT);
  return m->solver->run.status == LBFGSB_RUNNING;
}

/* gradient_room = where f is to put its gradient; NULL where it is asked for its value only. */
static double *gradient_room(const minimization *m) {
  return m->solver->run.phase == PHASE_PLATEAU ? NULL : caller_room(m->solver);
}

static lbfgsb_request evaluate_and_advance(minimization *m) {
  lbfgsb_differences *differences = m->problem->differences;
  if (!may_evaluate(m)) return LBFGSB_FINISHED;
  if (!differences) {
    double *gradient = gradient_room(m);
    return lbfgsb_advance(m->solver, evaluate(m, lbfgsb_point(m->solver), gradient), gradient);
  }
  double value = evaluate(m, lbfgsb_differences_point(differences), NULL);
  return lbfgsb_differences_tell(differences, m->solver, value, NULL);
}

static lbfgsb_request visit_iterate(minimization *m) {
  const lbfgsb_problem *p = m->problem;
  if (p->watch && p->watch(m->solver, p->data) != 0) lbfgsb_stop(m->solver, LBFGSB_STOPPED);
  return p->differences ? lbfgsb_differences_go_on(p->differences, m->solver)
                        : lbfgsb_advance(m->solver, 0, NULL);
}

/* Tells all that is known of the start if the run has ended before its gradient was there: f, if that was. */
static void tell_of_start(const minimization *m, lbfgsb_summary *summary) {
  const lbfgsb_differences *differences = m->problem->differences;
  double value = differences ? lbfgsb_differences_value(differences) : m->value;
  summary->value = m->evaluations > 0 ? value : NAN;
  summary->projected_gradient_norm = NAN;
}

/* Sets the summary, and x to the lowest point: the iterate, or where f falls without limit its last point. */
static void end_run(const minimization *m, lbfgsb_summary *summary) {
  *summary = lbfgsb_report(m->solver);
  if (phase_is_start(m->solver->run.phase)) tell_of_start(m, summary);
  summary->evaluations = m->evaluations;
  bool at_trial = summary->status == LBFGSB_UNBOUNDED && isfinite(m->value);
  if (at_trial) {
    summary->value = m->value;
    summary->projected_gradient_norm = NAN;
  }
  const double *x = at_trial ? lbfgsb_point(m->solver) : lbfgsb_iterate(m->solver);
  memcpy(m->problem->x, x, m->problem->n * sizeof(double));
}

void lbfgsb_run(lbfgsb_solver *block, const lbfgsb_problem *p, lbfgsb_summary *summary) {
  minimization m = {.solver = block, .problem = p};
  lbfgsb_request request = LBFGSB_EVALUATE;
  caller_clear_room(block);
  while (request != LBFGSB_FINISHED)
    request = request == LBFGSB_NEW_ITERATE ? visit_iterate(&m) : evaluate_and_advance(&m);
  end_run(&m, summary);
}

/* True if there is something to minimize by the options, and the block is as large as they want it, or its
 * size was not told. */
static bool problem_fits(const lbfgsb_problem *p, const lbfgsb_options *options) {
  return p && p->f && options && (p->size == 0 || p->size >= lbfgsb_size(p->n, options->pairs));
}

int lbfgsb_minimize(lbfgsb_solver *block, const lbfgsb_problem *p, const lbfgsb_options *options,
                    lbfgsb_summary *summary) {
  if (!summary || !problem_fits(p, options)) return -1;
  if (lbfgsb_init(block, p->n, p->x, p->lower, p->upper, options) != 0) return -1;
  lbfgsb_set_threads(block, p->threads > 1 ? p->threads : 1);
  if (p->differences) lbfgsb_differences_init(p->differences, block, LBFGSB_AUTO, 1, NULL);
  lbfgsb_run(block, p, summary);
  return 0;
}

size_t lbfgsb_problem_size(void) { return sizeof(lbfgsb_problem); }
