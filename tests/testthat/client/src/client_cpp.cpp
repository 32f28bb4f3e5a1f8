#include <lbfgsb.hpp>
#include <lbfgsbAPI.h>

#include <cstring>
#include <stdexcept>
#include <string>

extern "C" double rosenbrock(size_t n, const double *x, double *gradient, void *data);

static std::vector<double> doubles(SEXP x) { return std::vector<double>(REAL(x), REAL(x) + XLENGTH(x)); }

/* x becomes the minimizer; returns what f has thrown, or "". */
static std::string run(const lbfgsb_api &api, std::vector<double> &x, lbfgsb_cpp::settings &with, int throws_at) {
  int calls = 0;
  try {
    lbfgsb_cpp::minimize(api, x, [&](std::size_t n, const double *at, double *gradient) {
      if (++calls == throws_at) throw std::runtime_error("thrown at call " + std::to_string(calls));
      return rosenbrock(n, at, gradient, nullptr);
    }, with);
  } catch (const std::runtime_error &e) {
    return e.what();
  }
  return "";
}

extern "C" SEXP minimize_cpp(SEXP par, SEXP lower, SEXP upper, SEXP throws_at) {
  lbfgsb_api api = lbfgsb_load();
  char message[100] = "";
  SEXP out = PROTECT(Rf_duplicate(par));
  {
    std::vector<double> x = doubles(par);
    lbfgsb_cpp::settings with(api, x.size());
    with.lower = doubles(lower);
    with.upper = doubles(upper);
    std::string thrown = run(api, x, with, Rf_asInteger(throws_at));
    std::strncpy(message, thrown.c_str(), sizeof message - 1);
    std::memcpy(REAL(out), x.data(), x.size() * sizeof(double));
  }
  Rf_setAttrib(out, Rf_install("thrown"), PROTECT(Rf_mkString(message)));
  UNPROTECT(2);
  return out;
}
