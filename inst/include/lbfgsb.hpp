/* lbfgsb.hpp - minimize() for C++: what the function throws ends the run, and is thrown again outside of it, so
 * that nothing is thrown through the C code of the solver.
 *
 *     std::vector<double> x = {-1.2, 1};
 *     auto f = [](std::size_t n, const double *x, double *gradient) {
 *       ...
 *       return value;
 *     };
 *     lbfgsb_summary end = lbfgsb_cpp::minimize(library, x, f);
 *
 * `library` is lbfgsb_cpp::linked() in a program with the solver's library, or in a package of R what
 * lbfgsb_load() of lbfgsbAPI.h returns. gradient is nullptr where only the value is asked for. A function
 * without a gradient has that argument, too, and leaves it alone:
 *
 *     auto f = [](std::size_t n, const double *x, double *) { return value; };
 *     lbfgsb_summary end = lbfgsb_cpp::minimize_values(library, x, f);
 *
 * (The namespace is not `lbfgsb`, a function of R_ext/Applic.h.) */
#ifndef LBFGSB_HPP
#define LBFGSB_HPP

#include <exception>
#include <limits>
#include <memory>
#include <stdexcept>
#include <vector>

#include "lbfgsb.h"

namespace lbfgsb_cpp {

/* The functions of lbfgsb.h that are needed here, of a library that is linked. */
struct linked {
  static lbfgsb_options defaults() { return lbfgsb_defaults(); }
  static std::size_t default_pairs(std::size_t n) { return lbfgsb_default_pairs(n); }
  static std::size_t size(std::size_t n, std::size_t m) { return lbfgsb_size(n, m); }
  static std::size_t differences_size(std::size_t n) { return lbfgsb_differences_size(n); }
  static void stop(lbfgsb_solver *solver, lbfgsb_status reason) { lbfgsb_stop(solver, reason); }
  static int minimize(lbfgsb_solver *block, const lbfgsb_problem *problem, const lbfgsb_options *options,
                      lbfgsb_summary *summary) {
    return lbfgsb_minimize(block, problem, options, summary);
  }
};

/* Bounds of all variables (n each, or none), and options; those of a library for n variables by default. */
struct settings {
  std::vector<double> lower, upper;
  lbfgsb_options options;

  template <class Library>
  settings(const Library &library, std::size_t n) : options(library.defaults()) {
    options.pairs = library.default_pairs(n);
  }
};

namespace detail {

/* Memory of so many bytes, aligned as malloc aligns. */
class block {
  std::unique_ptr<double[]> memory; /* not all of it is ever touched */

 public:
  explicit block(std::size_t bytes) : memory(new double[bytes / sizeof(double) + 1]) {}
  template <class T>
  T *as() {
    return reinterpret_cast<T *>(memory.get());
  }
};

/* A function, and what it has thrown. */
template <class Library, class Function>
struct guarded {
  const Library &library;
  Function &f;
  lbfgsb_solver *solver;
  std::exception_ptr thrown;

  static double call(std::size_t n, const double *x, double *gradient, void *data) {
    guarded &self = *static_cast<guarded *>(data);
    try {
      return self.f(n, x, gradient);
    } catch (...) {
      self.thrown = std::current_exception();
      self.library.stop(self.solver, LBFGSB_STOPPED);
      return std::numeric_limits<double>::quiet_NaN();
    }
  }
};

inline const double *bounds(const std::vector<double> &bounds, std::size_t n) {
  if (!bounds.empty() && bounds.size() != n)
    throw std::invalid_argument("lbfgsb: lower and upper must each have as many elements as x, or none");
  return bounds.empty() ? nullptr : bounds.data();
}

template <class Library, class Function>
lbfgsb_summary run(const Library &library, lbfgsb_problem problem, Function &f, const settings &with) {
  problem.size = library.size(problem.n, with.options.pairs);
  block memory(problem.size);
  guarded<Library, Function> guard = {library, f, memory.template as<lbfgsb_solver>(), nullptr};
  lbfgsb_summary summary;
  problem.lower = bounds(with.lower, problem.n);
  problem.upper = bounds(with.upper, problem.n);
  problem.f = guarded<Library, Function>::call;
  problem.data = &guard;
  if (library.minimize(guard.solver, &problem, &with.options, &summary) != 0)
    throw std::invalid_argument(
        "lbfgsb: x is empty or not finite, a bound is NaN, lower is above upper, or an option is out of its range");
  if (guard.thrown) std::rethrow_exception(guard.thrown);
  return summary;
}

inline lbfgsb_problem problem(std::vector<double> &x) {
  lbfgsb_problem problem = lbfgsb_problem();
  problem.n = x.size();
  problem.x = x.data();
  return problem;
}

}  // namespace detail

/* Minimizes double f(std::size_t n, const double *x, double *gradient) from x, which becomes the minimizer, or
 * the best point so far if f throws. Throws what f throws, and std::invalid_argument for bad input. */
template <class Library, class Function>
lbfgsb_summary minimize(const Library &library, std::vector<double> &x, Function f, const settings &with) {
  return detail::run(library, detail::problem(x), f, with);
}

template <class Library, class Function>
lbfgsb_summary minimize(const Library &library, std::vector<double> &x, Function f) {
  return minimize(library, x, f, settings(library, x.size()));
}

/* The same where f has no gradient: it gets nullptr for it, and differences stand in. */
template <class Library, class Function>
lbfgsb_summary minimize_values(const Library &library, std::vector<double> &x, Function f,
                               const settings &with) {
  detail::block memory(library.differences_size(x.size()));
  lbfgsb_problem problem = detail::problem(x);
  problem.differences = memory.template as<lbfgsb_differences>();
  return detail::run(library, problem, f, with);
}

template <class Library, class Function>
lbfgsb_summary minimize_values(const Library &library, std::vector<double> &x, Function f) {
  return minimize_values(library, x, f, settings(library, x.size()));
}

}  // namespace lbfgsb_cpp

#endif
