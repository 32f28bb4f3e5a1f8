# Rscript callers.R FILE: runs calls of packages that use optim(), once with it and once with lbfgsb_optim()
# in its place, in stats' namespace and in all imports. FILE gets a list by call: the error of each run or
# NULL, and `compared`, a row for each L-BFGS-B run: the values of optim() and of ours at the same arguments,
# both to be minimized.
library(lbfgsb)
own_optim <- stats::optim
pdf(NULL)

imports_of <- function(package) parent.env(asNamespace(package))

# In stats, its attached copy, and all imports but ours.
put_in_place <- function(optim) {
  importers <- lapply(setdiff(loadedNamespaces(), c("base", "lbfgsb")), imports_of)
  for (place in c(list(asNamespace("stats"), as.environment("package:stats")), importers)) {
    if (!exists("optim", place, inherits = FALSE)) next
    if (bindingIsLocked("optim", place)) unlockBinding("optim", place)
    assign("optim", optim, place)
  }
}

# Ours, which takes note of what optim() finds. A function of optim's formals.
comparing_optim <- own_optim
environment(comparing_optim) <- environment()
body(comparing_optim) <- quote({
  method <- match.arg(method)
  run <- function(optim) {
    optim(par = par, fn = fn, gr = gr, ..., method = method, lower = lower, upper = upper, control = control,
          hessian = hessian)
  }
  ours <- run(lbfgsb_optim)
  if (!is.null(attr(ours, "fit"))) note(suppressWarnings(run(own_optim)), ours, control)
  ours
})

note <- function(theirs, ours, control) {
  sign <- if (isTRUE(as.list(control)$fnscale < 0)) -1 else 1
  compared <<- rbind(compared, data.frame(theirs = sign * theirs$value, ours = sign * ours$value,
                                          same_fields = identical(names(theirs), names(ours))))
}

error_of <- function(call) {
  tryCatch({
    utils::capture.output(suppressWarnings(suppressMessages(eval(call, new.env(parent = globalenv())))))
    NULL
  }, error = conditionMessage)
}

example_of <- function(topic, package) {
  utils::example(topic, package = package, character.only = TRUE, local = TRUE, echo = FALSE, ask = FALSE)
}

data_of <- function(name, package) {
  found <- new.env()
  utils::data(list = name, package = package, envir = found)
  found[[name]]
}

method <- "L-BFGS-B"
decay <- data.frame(x = 0:10, y = c(26, 17, 13, 12, 20, 5, 9, 8, 5, 4, 8))

calls <- list(
  stats = quote({
    for (topic in c("factanal", "HoltWinters", "StructTS")) example_of(topic, "stats")
    StructTS(log10(UKgas), type = "BSM", fixed = c(0.00014, NA, NA, NA))
    arima(lh, order = c(3, 0, 0), optim.method = method)
    arima(USAccDeaths, order = c(0, 1, 1), seasonal = list(order = c(0, 1, 1)), optim.method = method)
  }),
  stats4 = quote({
    nll <- function(a = 1, b = 0) -sum(dpois(decay$y, exp(a + b * decay$x / 10), log = TRUE))
    stats4::confint(stats4::mle(nll, method = method, lower = c(0, -5)))
  }),
  MASS = quote({
    example_of("fitdistr", "MASS")
    MASS::fitdistr(decay$y, "weibull", lower = 0.01)
    MASS::fitdistr(decay$y, dgamma, list(shape = 1, rate = 0.1), lower = 0.001)
  }),
  bbmle = quote({
    bbmle::mle2(y ~ dpois(lambda = top / (1 + x / half)), start = list(top = 25, half = 3), data = decay,
                method = method, lower = c(top = 0.1, half = 0.1))
  }),
  evd = quote({
    evd::fgev(evd::portpirie, method = method)
    evd::fgev(evd::oxford, method = method, shape = 0)
    evd::fpot(evd::portpirie, 3.9, method = method)
    evd::fbvevd(evd::sealevel, model = "alog", method = method)
  }),
  fitdistrplus = quote({
    serving <- data_of("groundbeef", "fitdistrplus")$serving
    for (family in c("gamma", "weibull", "lnorm")) {
      fitdistrplus::fitdist(serving, family, optim.method = method, lower = 0.001)
    }
  }),
  nlme = quote({
    nlme::gls(follicles ~ sin(2 * pi * Time) + cos(2 * pi * Time), nlme::Ovary,
              correlation = nlme::corAR1(form = ~ 1 | Mare),
              control = nlme::glsControl(opt = "optim", optimMethod = method))
    nlme::lme(distance ~ age, nlme::Orthodont, random = ~ age | Subject,
              control = nlme::lmeControl(opt = "optim", optimMethod = method))
  }),
  metafor = quote({
    trials <- data_of("dat.bcg", "metadat")
    effects <- metafor::escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = trials)
    metafor::rma.mv(yi, vi, mods = ~ablat, random = ~ 1 | trial, data = effects,
                    control = list(optimizer = "optim", optmethod = method))
  }),
  msm = quote({
    rates <- rbind(c(0, 0.25, 0, 0.25), c(0.166, 0, 0.166, 0.166), c(0, 0.25, 0, 0.25), 0)
    msm::msm(state ~ years, subject = PTNUM, data = msm::cav, qmatrix = rates, deathexact = 4, method = method,
             control = list(fnscale = 4000, maxit = 500))
  }),
  pscl = quote({
    articles <- data_of("bioChemists", "pscl")
    pscl::hurdle(art ~ ., articles, control = pscl::hurdle.control(method = method, reltol = NULL))
    pscl::zeroinfl(art ~ fem + ment, articles,
                   control = pscl::zeroinfl.control(method = method, reltol = NULL))
  }),
  glmmTMB = quote({
    glmmTMB::glmmTMB(count ~ mined + (1 | site), glmmTMB::Salamanders, poisson, ziformula = ~mined,
                     control = glmmTMB::glmmTMBControl(optimizer = optim, optArgs = list(method = method)))
  }),
  lme4 = quote({
    wrapped <- function(fn, par, lower, upper, control) {
      found <- stats::optim(par, fn, method = method, lower = lower, upper = upper)
      list(par = found$par, fval = found$value, conv = found$convergence, message = found$message)
    }
    lme4::lmer(Reaction ~ Days + (Days | Subject), data_of("sleepstudy", "lme4"),
               control = lme4::lmerControl(wrapped))
  }),
  lavaan = quote({
    lavaan::cfa("visual =~ x1 + x2 + x3; textual =~ x4 + x5 + x6; speed =~ x7 + x8 + x9",
                lavaan::HolzingerSwineford1939, optim.method = method)
  }),
  psych = quote(for (topic in c("fa", "VSS")) example_of(topic, "psych")),
  paleoTS = quote({
    for (topic in c("opt.GRW", "opt.joint.GRW", "opt.punc", "opt.ssm.GRW")) example_of(topic, "paleoTS")
    paleoTS::fit3models(data_of("cantius_L", "paleoTS"), silent = TRUE)
  }),
  pso = quote({
    set.seed(1)
    valley <- function(x) 100 * (x[2] - x[1]^2)^2 + (1 - x[1])^2 # one minimum only: all runs lead there
    for (hybrid in c("on", "improved")) {
      pso::psoptim(rep(NA, 2), valley, lower = -5, upper = 5, control = list(maxit = 5, hybrid = hybrid))
    }
  }),
  betareg = quote({
    by <- betareg::betareg.control(method = method)
    yields <- data_of("GasolineYield", "betareg")
    for (link in c("logit", "loglog")) {
      betareg::betareg(yield ~ batch + temp, yields, link = link, control = by)
      betareg::betareg(yield ~ batch + temp | temp, yields, link = link, control = by)
    }
    spent <- data_of("FoodExpenditure", "betareg")
    betareg::betareg(I(food / income) ~ income + persons, spent, control = by)
    betareg::betareg(I(food / income) ~ income + persons | persons, spent, control = by)
    skills <- data_of("ReadingSkills", "betareg")
    betareg::betareg(accuracy ~ dyslexia * iq | dyslexia + iq, skills, control = by)
  }),
  drc = quote({
    ryegrass <- data_of("ryegrass", "drc")
    drc::drm(rootl ~ conc, data = ryegrass, fct = drc::LL.4(), lowerl = c(0, 0, 0, 0.1))
    drc::drm(rootl ~ conc, data = ryegrass, fct = drc::W1.4(), upperl = c(10, 1, 10, 10))
    drc::drm(rootl ~ conc, data = ryegrass, fct = drc::LL.4(), lowerl = c(0, 0, 0, 0.1),
             control = drc::drmc(useD = TRUE))
  })
)

run_both <- function(call) {
  put_in_place(own_optim)
  theirs <- error_of(call)
  put_in_place(comparing_optim)
  compared <<- NULL
  list(error_of_optim = theirs, error = error_of(call), compared = compared)
}

installed <- vapply(names(calls), requireNamespace, NA, quietly = TRUE)
file <- commandArgs(TRUE) # none where bench/callers.R makes other use of the calls
if (length(file) > 0) saveRDS(lapply(calls[installed], run_both), file)
