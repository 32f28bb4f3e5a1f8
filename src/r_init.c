/* r_init.c - registration. */
#include "r_api.h"

#include <R_ext/Rdynload.h>
#include <R_ext/Visibility.h>

/* By way of void (*)(void), the one type that compilers let any function be cast to. */
#define ROUTINE(function) ((DL_FUNC)(void (*)(void))(function))
#define ENTRY(name, arguments)                                                                               \
  { "C_" #name, ROUTINE(r_##name), arguments }

static const R_CallMethodDef entries[] = {
    ENTRY(ask, 1),       ENTRY(begin, 5),  ENTRY(copy, 1),      ENTRY(door_compact, 6), ENTRY(door_search, 6),
    ENTRY(door_step, 6), ENTRY(names, 0),  ENTRY(objective, 5), ENTRY(options, 3),      ENTRY(pairs, 1),
    ENTRY(result, 4),    ENTRY(resume, 2), ENTRY(run, 6),       ENTRY(seal, 2),         ENTRY(status, 1),
    ENTRY(stop, 2),      ENTRY(tell, 4),   ENTRY(wanted, 1),    ENTRY(hessian, 6),      ENTRY(differ, 3),
    ENTRY(unseal, 1),    ENTRY(valid, 1),  {NULL, NULL, 0},
};

/* For the C code of other packages: lbfgsbAPI.h. */
#define CALLABLE(name)                                                                                       \
  { "lbfgsb_" #name, ROUTINE(lbfgsb_##name) }

static const struct {
  const char *name;
  DL_FUNC function;
} callables[] = {
    CALLABLE(abi),
    CALLABLE(is_evidence),
    CALLABLE(defaults),
    CALLABLE(size),
    CALLABLE(init),
    CALLABLE(set_threads),
    CALLABLE(advance),
    CALLABLE(stop),
    CALLABLE(point),
    CALLABLE(iterate),
    CALLABLE(gradient),
    CALLABLE(report),
    CALLABLE(pending),
    CALLABLE(resume),
    CALLABLE(options_of),
    CALLABLE(variables),
    CALLABLE(valid),
    CALLABLE(pair_count),
    CALLABLE(theta),
    CALLABLE(pair),
    CALLABLE(advance_value),
    CALLABLE(advance_slope),
    CALLABLE(advance_gradient),
    CALLABLE(trial_value),
    CALLABLE(set_noise),
    CALLABLE(noise),
    CALLABLE(curvature),
    CALLABLE(differences_size),
    CALLABLE(differences_init),
    CALLABLE(differences_point),
    CALLABLE(differences_tell),
    CALLABLE(differences_takes_gradient),
    CALLABLE(differences_go_on),
    CALLABLE(differences_resume),
    CALLABLE(differences_ahead),
    CALLABLE(differences_gradient),
    CALLABLE(differences_gradients),
    CALLABLE(differences_value),
    CALLABLE(differences_are),
    CALLABLE(differences_valid),
};

void attribute_visible R_init_lbfgsb(DllInfo *dll) {
  R_registerRoutines(dll, NULL, entries, NULL, NULL);
  R_useDynamicSymbols(dll, FALSE);
  R_forceSymbols(dll, TRUE);
  for (size_t i = 0; i < sizeof callables / sizeof *callables; i++)
    R_RegisterCCallable("lbfgsb", callables[i].name, callables[i].function);
}
