/* r_init.c - registration. */
#include "r_api.h"

#include <R_ext/Rdynload.h>
#include <R_ext/Visibility.h>

/* By way of void (*)(void), the one type that compilers let any function be cast to. */
#define ROUTINE(function) ((DL_FUNC)(void (*)(void))(function))
#define ENTRY(name, arguments)                                                                               \
  { "C_" #name, ROUTINE(r_##name), arguments }

static const R_CallMethodDef entries[] = {
    ENTRY(ask, 1),         ENTRY(begin, 5),       ENTRY(copy, 1),        ENTRY(door_compact, 6),
    ENTRY(door_search, 6), ENTRY(door_step, 6),   ENTRY(names, 0),       ENTRY(objective, 5),
    ENTRY(options, 3),     ENTRY(pairs, 1),       ENTRY(result, 4),      ENTRY(resume, 2),
    ENTRY(run, 6),         ENTRY(seal, 2),        ENTRY(keep, 1),        ENTRY(status, 1),
    ENTRY(stop, 2),        ENTRY(tell, 4),        ENTRY(wanted, 1),      ENTRY(hessian, 6),
    ENTRY(differ, 3),      ENTRY(unseal, 1),      ENTRY(valid, 1),       ENTRY(sizes, 1),
    ENTRY(reasons, 0),     ENTRY(native_call, 2), ENTRY(native_find, 2), ENTRY(findings, 1),
    ENTRY(ask_all, 3),     ENTRY(tell_all, 6),    ENTRY(run_all, 3),     ENTRY(unfit_data, 1),
    ENTRY(rows, 2),        ENTRY(begin_rows, 3),  ENTRY(layout, 0),      ENTRY(left_to_core, 1),
    ENTRY(has_extras, 1),  {NULL, NULL, 0},
};

/* What other packages may call: inst/include/lbfgsbAPI.h. */
#define CALLABLE(name)                                                                                       \
  { #name, ROUTINE(name) }

static const struct {
  const char *name;
  DL_FUNC routine;
} callables[] = {
    CALLABLE(lbfgsb_abi),
    CALLABLE(lbfgsb_is_evidence),
    CALLABLE(lbfgsb_defaults),
    CALLABLE(lbfgsb_option_at),
    CALLABLE(lbfgsb_option_get),
    CALLABLE(lbfgsb_option_set),
    CALLABLE(lbfgsb_options_valid),
    CALLABLE(lbfgsb_options_equal),
    CALLABLE(lbfgsb_reason_of),
    CALLABLE(lbfgsb_size),
    CALLABLE(lbfgsb_first_size),
    CALLABLE(lbfgsb_next_size),
    CALLABLE(lbfgsb_init),
    CALLABLE(lbfgsb_set_threads),
    CALLABLE(lbfgsb_advance),
    CALLABLE(lbfgsb_stop),
    CALLABLE(lbfgsb_point),
    CALLABLE(lbfgsb_iterate),
    CALLABLE(lbfgsb_gradient),
    CALLABLE(lbfgsb_report),
    CALLABLE(lbfgsb_pending),
    CALLABLE(lbfgsb_resume),
    CALLABLE(lbfgsb_options_of),
    CALLABLE(lbfgsb_variables),
    CALLABLE(lbfgsb_valid),
    CALLABLE(lbfgsb_pair_count),
    CALLABLE(lbfgsb_theta),
    CALLABLE(lbfgsb_pair),
    CALLABLE(lbfgsb_advance_value),
    CALLABLE(lbfgsb_advance_slope),
    CALLABLE(lbfgsb_advance_gradient),
    CALLABLE(lbfgsb_trial_value),
    CALLABLE(lbfgsb_set_noise),
    CALLABLE(lbfgsb_noise),
    CALLABLE(lbfgsb_curvature),
    CALLABLE(lbfgsb_scale),
    CALLABLE(lbfgsb_gap),
    CALLABLE(lbfgsb_disagreement),
    CALLABLE(lbfgsb_default_pairs),
    CALLABLE(lbfgsb_differences_size),
    CALLABLE(lbfgsb_differences_init),
    CALLABLE(lbfgsb_differences_point),
    CALLABLE(lbfgsb_differences_tell),
    CALLABLE(lbfgsb_differences_takes_gradient),
    CALLABLE(lbfgsb_differences_go_on),
    CALLABLE(lbfgsb_differences_resume),
    CALLABLE(lbfgsb_differences_ahead),
    CALLABLE(lbfgsb_differences_gradient),
    CALLABLE(lbfgsb_differences_gradients),
    CALLABLE(lbfgsb_differences_value),
    CALLABLE(lbfgsb_differences_are),
    CALLABLE(lbfgsb_differences_valid),
    CALLABLE(lbfgsb_minimize),
    CALLABLE(lbfgsb_run),
    CALLABLE(lbfgsb_problem_size),
    CALLABLE(lbfgsb_set_defaults),
    CALLABLE(lbfgsb_get_report),
    CALLABLE(lbfgsb_example),
};

void attribute_visible R_init_lbfgsb(DllInfo *dll) {
  R_registerRoutines(dll, NULL, entries, NULL, NULL);
  R_useDynamicSymbols(dll, FALSE);
  R_forceSymbols(dll, TRUE);
  for (size_t i = 0; i < sizeof callables / sizeof *callables; i++)
    R_RegisterCCallable("lbfgsb", callables[i].name, callables[i].routine);
}
